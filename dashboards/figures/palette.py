"""Colours of the figures, in light and dark: the same as the style sheet's, which a test compares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours by meaning, as `#rrggbb`."""

    paper: str
    surface: str
    ink: str
    muted: str
    line: str
    consistent: str
    inconsistent: str
    silent: str
    ghost: str
    left_over: str
    shortcut: str
    land: str
    water: str


LIGHT = Palette(
    paper="#f5f4ef",
    surface="#fdfcf9",
    ink="#18212f",
    muted="#5b6472",
    line="#dcd8cc",
    consistent="#0c7c80",
    inconsistent="#c8321f",
    silent="#7b7264",
    ghost="#7545b8",
    left_over="#7a8290",
    shortcut="#4961c4",
    land="#fdfcf9",
    water="#dde6e9",
)

DARK = Palette(
    paper="#0d1219",
    surface="#141b25",
    ink="#e9ecf0",
    muted="#9ba8b8",
    line="#2a3543",
    consistent="#4ecac4",
    inconsistent="#ff6f5b",
    silent="#b3a996",
    ghost="#bb98ff",
    left_over="#8d98a8",
    shortcut="#8ea2ff",
    land="#1d2735",
    water="#0f1722",
)


def palette(theme: str | None) -> Palette:
    """Return the palette of the browser's theme."""
    return DARK if theme == "dark" else LIGHT
