"""The actions waiting for the pool, in the order of the turns; a long queue is collapsed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import Output, html

from dashboards.components.tickets import facts
from dashboards.live.polling import News
from dashboards.pages.pool.ids import PAGE
from dashboards.web.ids import ident
from dashboards.web.text import age, counted
from p2ppool.reports.actions.queue import ActionReport

_FIRST = ident(PAGE, "queue-first")
_FOLDED = ident(PAGE, "queue-folded")
_SUMMARY = ident(PAGE, "queue-summary")
_REST = ident(PAGE, "queue-rest")

_AT_ONCE: Final = 5  # shown; a long queue would push the ring out of view

OUTPUTS: Final[Mapping[str, Output]] = {
    "first": Output(_FIRST, "children"),
    "folded": Output(_FOLDED, "hidden"),
    "summary": Output(_SUMMARY, "children"),
    "rest": Output(_REST, "children"),
}
"""The outputs that `shown` fills; what was expanded stays expanded."""


def layout() -> html.Div:
    """Build the empty part."""
    rest = [html.Summary(id=_SUMMARY), html.Ol(id=_REST, className="queue")]
    return html.Div(
        [html.Ol(id=_FIRST, className="queue"), html.Details(rest, id=_FOLDED, hidden=True)],
        className="queues",
    )


def shown(waiting: Sequence[ActionReport], news: News) -> dict[str, Any]:
    """Return the values for `OUTPUTS`."""
    items = [_item(place, report) for place, report in enumerate(waiting, start=1)]
    rest = items[_AT_ONCE:]
    return {
        "first": news.of("first", items[:_AT_ONCE]),
        "folded": not rest,
        "summary": counted(len(rest), "more waits", "more wait"),
        "rest": news.of("rest", rest),
    }


def _item(place: int, report: ActionReport) -> html.Li:
    ticket, ahead = report.ticket, report.behind
    behind = f"behind {ahead.action} (ticket {ahead.id})" if ahead else "next in turn"
    return html.Li(
        [
            html.Span(place, className="place"),
            html.B(ticket.action),
            html.Span(behind, className="behind"),
            facts(ticket),
            html.Span(["requested ", age(ticket.requested_at)], className="quiet when"),
        ]
    )
