"""The figures' colours are the style sheet's, and can be told from their ground."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

import dashboards
from dashboards.figures.palette import DARK, LIGHT, palette

SHEET = Path(dashboards.__file__).with_name("assets") / "colours.css"


def tokens(theme):
    block = re.search(rf'data-theme="{theme}"\] {{(.*?)}}', SHEET.read_text(), re.DOTALL)[1]
    return dict(re.findall(r"--([a-z_]+): (#[0-9a-f]{6});", block))


def luminance(colour):
    """Relative luminance as in WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("theme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_figures_and_style_sheet_agree(theme, colours):
    sheet = tokens(theme)
    assert {name: sheet[name] for name in asdict(colours)} == asdict(colours)
    assert palette(theme) is colours


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_text_and_signs_stand_out_from_their_ground(theme, ground):
    sheet = tokens(theme)
    for text in ("ink", "muted", "good", "watch", "bad", "busy", "idle", "consistent", "inconsistent"):
        assert contrast(sheet[text], sheet[ground]) >= 4.5, text  # WCAG 2.2, 1.4.3
    for sign in ("silent", "ghost", "left_over", "shortcut"):
        assert contrast(sheet[sign], sheet[ground]) >= 3, sign  # WCAG 2.2, 1.4.11
