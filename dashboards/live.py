"""Keeping a page fresh: a clock that asks for news, and a light that goes out when no answer comes."""

from dash import dcc, html

_EVERY = 3000  # milliseconds


def interval(ident: str) -> dcc.Interval:
    """The clock of a page."""
    return dcc.Interval(id=ident, interval=_EVERY)


def heartbeat(ident: str) -> html.Span:
    """The light; a callback sets its `data-beat` with every answer, and assets/live.js watches it."""
    return html.Span("live", id=ident, className="live", role="status")
