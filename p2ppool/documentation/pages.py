"""Pages with generated parts: `<!-- generated: NAME ARGUMENT -->` begins one, `<!-- end -->` ends it."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from p2ppool.actions import documentation as actions
from p2ppool.documentation.commands import list_of_commands, usage
from p2ppool.documentation.error_kinds import error_kinds_table, error_message
from p2ppool.documentation.settings import settings_table
from p2ppool.exports.documentation import tables_of_columns

GENERATORS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "actions": lambda _: actions.actions_table(),
        "columns": lambda _: tables_of_columns(),
        "command": usage,
        "commands": list_of_commands,
        "error": error_message,
        "errors": error_kinds_table,
        "settings": settings_table,
        "states": lambda _: actions.states_table(),
        "turns": lambda _: actions.turns_table(),
    }
)
"""What makes a generated part, by the name in its marker; each gets the rest of the marker."""

_PART: Final = re.compile(r"^<!-- generated: (.+) -->\n(?:.*\n)*?<!-- end -->$", re.MULTILINE)


def rewritten(text: str) -> str:
    """Return a page with its generated parts as they have to be.

    Raises:
        KeyError: a marker names what nothing generates.
    """
    return _PART.sub(_part, text)


def outdated(folder: Path) -> Iterator[Path]:
    """List the pages of a folder whose generated parts are not as they have to be."""
    for page in sorted(folder.rglob("*.md")):
        text = page.read_text()
        if rewritten(text) != text:
            yield page


def _part(found: re.Match[str]) -> str:
    name, _, argument = found[1].partition(" ")
    return f"<!-- generated: {found[1]} -->\n{GENERATORS[name](argument)}\n<!-- end -->"
