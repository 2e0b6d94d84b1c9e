"""Polling: a clock that requests updates, and a light that goes out when no answer comes."""

from collections.abc import Mapping
from typing import Any

from dash import Output, dcc, html, no_update

from p2ppool.reports.pools.changes import fingerprint_of

_EVERY = 3000  # milliseconds


def interval(ident: str) -> dcc.Interval:
    """Build the clock of a page."""
    return dcc.Interval(id=ident, interval=_EVERY)


def waits(ident: str) -> list[tuple[Output, bool, bool]]:
    """Stop that clock while an answer is pending; for `running` of the callback that it triggers.

    Dash discards the answer of a callback that is called again meanwhile: from a server that takes longer
    than one tick, nothing would ever be shown.
    """
    return [(Output(ident, "disabled"), True, False)]


def heartbeat(ident: str) -> html.Span:
    """Build the light; a callback sets its `data-heartbeat` with every answer, for assets/live.js."""
    return html.Span("live", id=ident, className="live", role="status")


class News:
    """Selects what the browser does not have yet.

    Dash replaces everything it is given, even with the same content, and the visitor's selection there would
    be lost.
    """

    def __init__(self, known: Mapping[str, str] | None) -> None:
        """Take the fingerprints of what the browser has, as it keeps them."""
        self._known = known or {}
        self.marks: dict[str, str] = {}

    def of(self, part: str, content: Any) -> Any:
        """Return the content of that part, or "no update", and remember its fingerprint."""
        self.marks[part] = fingerprint_of(content)
        return no_update if self.marks[part] == self._known.get(part) else content
