"""The action that holds the pool, and its progress."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from dash import Output, html, no_update

from dashboards.components.progress import measures, numbers
from dashboards.components.tickets import brief, facts
from dashboards.live.polling import News
from dashboards.pages.pool.ids import PAGE
from dashboards.web.ids import ident
from dashboards.web.text import age
from p2ppool.reports.actions.tickets import TicketRecord

_HOLDER = ident(PAGE, "holder")
_TITLE = ident(PAGE, "holder-title")
_BAR = ident(PAGE, "holder-bar")
_NUMBERS = ident(PAGE, "holder-numbers")

OUTPUTS: Final[Mapping[str, Output]] = {
    "hidden": Output(_HOLDER, "hidden"),
    "title": Output(_TITLE, "children"),
    "value": Output(_BAR, "value"),
    "max": Output(_BAR, "max"),
    "aria-label": Output(_BAR, "aria-label"),
    "numbers": Output(_NUMBERS, "children"),
}
"""The outputs that `shown` fills: the bar moves, while the text stays in place."""

_NOBODY: Final = MappingProxyType(dict.fromkeys(OUTPUTS, no_update) | {"hidden": True})


def layout() -> html.Div:
    """Build the empty part."""
    numbered = html.Div(
        [html.Progress(id=_BAR), html.Span(id=_NUMBERS, className="numbers")], className="progress"
    )
    return html.Div(
        [html.Div(id=_TITLE, className="holder-title"), numbered], id=_HOLDER, className="holder", hidden=True
    )


def shown(ticket: TicketRecord | None, news: News) -> dict[str, Any]:
    """Return the values for `OUTPUTS`; None: no action holds the pool."""
    if ticket is None:
        return dict(_NOBODY)
    title = news.of("title", _title(ticket))
    return measures(ticket) | {"hidden": False, "title": title, "numbers": numbers(ticket)}


def _title(ticket: TicketRecord) -> list[Any]:
    started: list[Any] = ["started ", age(ticket.started_at or ticket.requested_at)]
    return [html.H3(ticket.action), _badge(ticket), html.Span(started, className="quiet"), facts(ticket)]


def _badge(ticket: TicketRecord) -> html.Span:
    if ticket.cancel is None:
        return html.Span("running", className="badge busy")
    return html.Span(f"being cancelled: {brief(ticket.cancel)}", className="badge watch")
