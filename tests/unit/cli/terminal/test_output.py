"""What others have written reaches a terminal as text alone, in tables and as JSON."""

import json

import pytest

from p2ppool.cli.terminal.output import print_json, print_rows

HOSTILE = "calm\x1b[31m\x9b2J\u202egnol\u200b\x00\x07\r\x7f\U000e0041 letters ü"
"""Colours, a cleared screen, letters from right to left, invisible ones, a bell, the begin of the line."""


def is_text(shown):
    return all(char.isprintable() or char == "\n" for char in shown)


def test_a_table_sends_nothing_but_text(capsys):
    print_rows([{"what": HOSTILE, "number": 1.5}], as_json=False, empty="")
    shown = capsys.readouterr().out
    assert is_text(shown)
    assert all(word in shown for word in ("calm", "gnol", "letters ü", "1.500"))


@pytest.mark.parametrize("data", [HOSTILE, {HOSTILE: [HOSTILE, None]}])
def test_json_means_the_same_and_is_text(capsys, data):
    print_json(data)
    shown = capsys.readouterr().out
    assert is_text(shown)
    assert json.loads(shown) == data
    assert "letters ü" in shown
