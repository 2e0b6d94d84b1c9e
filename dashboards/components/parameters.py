"""What was asked for in particular, in a few words each. Nothing of it is trusted, nor short."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dash import html

from dashboards.web.text import counted
from p2ppool.errors import one_line

_SAID_ELSEWHERE: Final = frozenset({"pool", "name", "retry_of"})
_MOST: Final = 12  # parameters; a pool's description has fewer
_LONGEST_NAME: Final = 24  # characters
_LONGEST_VALUE: Final = 60


def parameters(given: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Each parameter besides the pool's name as `package` **brunet**; what was left empty is left out."""
    asked = [(name, value) for name, value in given.items() if name not in _SAID_ELSEWHERE and value != ""]
    for name, value in asked[:_MOST]:
        yield [f"{one_line(name.replace('_', ' '), _LONGEST_NAME)} ", html.Span(_in_words(value))]
    if len(asked) > _MOST:
        yield [f"{len(asked) - _MOST} more"]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return counted(len(value), "value")
    return one_line(value, _LONGEST_VALUE)
