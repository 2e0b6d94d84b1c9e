"""The turn: the action that holds the pool, and the queue behind it."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from dashboards.live.polling import News
from dashboards.pages.pool import queue, running_action
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.actions.queue import queue_of
from p2ppool.store.models import TicketState

_IDLE = ident(PAGE, "turn-idle")
_NOW = ident(PAGE, "turn-now")
_SEEN = ident(PAGE, "turn-seen")


def layout() -> html.Section:
    """Build the empty section; a callback fills it."""
    card = html.Div([running_action.layout(), queue.layout()], className="turn-card")
    return html.Section(
        [
            dcc.Store(id=_SEEN),
            html.P("Nothing is running or waiting.", id=_IDLE, className="quiet", hidden=True),
            html.Div([html.H2("Now"), card], id=_NOW, hidden=True),
        ],
        className="turn",
    )


def register(app: Dash) -> None:
    """Fill it with each change of a ticket."""
    app.callback(
        output={
            "idle": Output(_IDLE, "hidden"),
            "now": Output(_NOW, "hidden"),
            "seen": Output(_SEEN, "data"),
            "holder": running_action.OUTPUTS,
            "queue": queue.OUTPUTS,
        },
        inputs={
            "_activity": Input(ACTIVITY, "data"),
            "name": State(NAME, "data"),
            "seen": State(_SEEN, "data"),
        },
    )(_fill)


def _fill(*, _activity: str, name: str, seen: dict[str, str] | None) -> dict[str, Any]:
    reports, news = queue_of(context.engine(), name), News(seen)
    held = bool(reports) and reports[0].ticket.state is TicketState.RUNNING
    shown = {
        "holder": running_action.shown(reports[0].ticket if held else None, news),
        "queue": queue.shown(reports[1:] if held else reports, news),
    }
    return shown | {"idle": bool(reports), "now": not reports, "seen": news.marks}
