"""The page of one action: its progress, its hosts, their errors and its log."""

from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html

from dashboards.live.polling import News, heartbeat, interval, waits
from dashboards.pages.activity import about, buttons, hosts, log
from dashboards.pages.activity.ids import ACTION, CLOCK, NUMBER, number_in, ticket_number
from dashboards.pages.activity.sources import Followed, sources
from dashboards.pages.not_found_404 import nothing
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.untyped import register_page
from p2ppool.errors import one_line
from p2ppool.reports.actions.action import pool_of_ticket

_PREFIX: Final = "/activity/"
_PULSE: Final = ident(ACTION, "pulse")
_SEEN: Final = ident(ACTION, "seen")
_ABOUT: Final = ident(ACTION, "about")


def register(app: Dash) -> None:
    """Register the page, its refresh, and its log."""
    register_page(__name__, path_template=f"{_PREFIX}<number>", title=_title, layout=_layout)
    app.callback(
        output={
            "about": Output(_ABOUT, "children"),
            "hosts": hosts.OUTPUTS,
            "seen": Output(_SEEN, "data"),
            "heartbeat": Output(_PULSE, "data-heartbeat"),
        },
        inputs={
            "heartbeat": Input(CLOCK, "n_intervals"),
            "number": Input(NUMBER, "data"),
            "seen": State(_SEEN, "data"),
            "have": State(hosts.HAVE, "data"),
        },
        running=waits(CLOCK),
    )(_refresh)
    hosts.register(app)
    log.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is the page of an existing ticket."""
    number = ticket_number(path.removeprefix(_PREFIX)) if path.startswith(_PREFIX) else None
    return number is not None and pool_of_ticket(context.engine(), number) is not None


def _title(number: str = "") -> str:
    return f"Ticket {one_line(number, 10)} · P2PPool Manager"


def _layout(number: str = "", **_query: str) -> html.Div:
    found = ticket_number(number)
    followed = sources().actions.at(found) if found is not None else None
    if followed is None:
        return nothing("There is no such action.", "Its pool may have been deleted, with its history.")
    ticket = followed.detail.ticket
    return html.Div(
        [
            interval(CLOCK),
            dcc.Store(id=_SEEN),
            dcc.Store(id=NUMBER, data=ticket.id),
            about.crumbs(followed.detail),
            html.Div([html.H1(one_line(ticket.action, 32)), heartbeat(_PULSE)], className="title"),
            html.Div(id=_ABOUT, className="about"),
            buttons.layout(),
            hosts.layout(followed),
            log.layout(ticket),
        ],
        className="activity",
    )


def _refresh(
    *, heartbeat: int | None, number: object, seen: dict[str, str] | None, have: object
) -> dict[str, Any]:
    known, news = number_in(number), News(seen)
    followed = None if known is None else sources().actions.at(known)
    shown = {"about": news.of("about", _about(followed)), "hosts": hosts.shown(followed, have, news)}
    return shown | {"seen": news.marks, "heartbeat": heartbeat}


def _about(followed: Followed | None) -> Any:
    if followed is None:
        return html.P("This action was deleted with its pool.", className="note bad")
    return about.shown(followed, sources().consequences.at(followed.detail.ticket.id))
