"""Keeping a page fresh: a clock that asks for news, and a light that goes out when no answer comes."""

from collections.abc import Mapping
from typing import Any

from dash import Output, dcc, html, no_update

from p2ppool.reports.pools.changes import fingerprint_of

_EVERY = 3000  # milliseconds


def interval(ident: str) -> dcc.Interval:
    """The clock of a page."""
    return dcc.Interval(id=ident, interval=_EVERY)


def waits(ident: str) -> list[tuple[Output, bool, bool]]:
    """Stop that clock while an answer is on its way; for `running` of the callback that it sets off.

    Of a callback that is called again meanwhile, Dash throws the answer away: of a server that needs longer
    than from one tick to the next, nothing would ever be seen.
    """
    return [(Output(ident, "disabled"), True, False)]


def heartbeat(ident: str) -> html.Span:
    """The light; a callback sets its `data-beat` with every answer, and assets/live.js watches it."""
    return html.Span("live", id=ident, className="live", role="status")


class News:
    """Picks what the browser does not have yet.

    Dash replaces all that it is given, even by the same: what a visitor has selected there would be lost.
    """

    def __init__(self, seen: Mapping[str, str] | None) -> None:
        """`seen` are the marks of what the browser has, as it keeps them."""
        self._seen = seen or {}
        self.marks: dict[str, str] = {}

    def of(self, part: str, content: Any) -> Any:
        """The content of that part, or "no update"; its mark is remembered."""
        self.marks[part] = fingerprint_of(content)
        return no_update if self.marks[part] == self._seen.get(part) else content
