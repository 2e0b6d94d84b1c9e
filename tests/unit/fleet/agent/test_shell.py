"""What a Word holds reaches a program as it is, through any POSIX shell."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2ppool.fleet.agent.shell import WORD_LIMIT, Command, Word

SHELLS = [shell for shell in (["sh"], ["bash"], ["dash"], ["busybox", "sh"]) if shutil.which(shell[0])]
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
hostile = st.text("'\"\\$`!;&|<>(){}[]*?~#= \t\n-abc", max_size=20)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@settings(max_examples=40, deadline=None)
@given(values=st.lists(texts | hostile, min_size=1, max_size=20))
def test_a_program_gets_the_very_values(shell, values):
    script = str(Command.of("printf", r"%s\0", *values))
    said = subprocess.run([*shell, "-s"], input=script.encode(), capture_output=True, check=True)
    assert said.stdout.decode() == "".join(f"{value}\0" for value in values)
    assert said.stderr == b""


def test_numbers_are_words_too():
    assert str(Command.of("sleep", 1, 0.5)) == "'sleep' '1' '0.5'"


@pytest.mark.parametrize("value", ["a\0b", "x" * (WORD_LIMIT + 1), "\ud800"], ids=["NUL", "long", "no UTF-8"])
def test_what_no_program_can_get_is_no_word(value):
    with pytest.raises(ValueError):
        Word(value)
