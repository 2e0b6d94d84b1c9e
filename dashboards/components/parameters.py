"""The parameters of a request, each in a few words. They are untrusted and of any length."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dash import html

from dashboards.web.text import counted
from p2ppool.errors import one_line

_SHOWN_ELSEWHERE: Final = frozenset({"pool", "name", "retry_of"})
_MOST: Final = 12  # parameters; a pool's description has fewer
_LONGEST_NAME: Final = 24  # characters
_LONGEST_VALUE: Final = 60


def parameters(given: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield each parameter besides the pool's name, such as `package` **brunet**; empty ones are left out."""
    shown = [(name, value) for name, value in given.items() if name not in _SHOWN_ELSEWHERE and value != ""]
    for name, value in shown[:_MOST]:
        yield [f"{one_line(name.replace('_', ' '), _LONGEST_NAME)} ", html.Span(_text(value))]
    if len(shown) > _MOST:
        yield [f"{len(shown) - _MOST} more"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return counted(len(value), "value")
    return one_line(value, _LONGEST_VALUE)
