"""The page of running, waiting and ended actions, in all pools or in one."""

from typing import Any, Final

from dash import Dash, Input, Output, State, dcc, html

from dashboards.frame.navigation import pool_navigation
from dashboards.live.polling import News, heartbeat, interval, waits
from dashboards.pages.activity import buttons
from dashboards.pages.activity.ids import OVERVIEW, number_in, ticket_number
from dashboards.pages.activity.lists import ended_list, running_list, waiting_list
from dashboards.pages.activity.sources import PageOf, sources
from dashboards.pages.not_found_404 import nothing
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.untyped import register_page
from p2ppool.reports.pools.pools import exists

_PATH: Final = "/activity"
_CLOCK: Final = ident(OVERVIEW, "clock")
_PULSE: Final = ident(OVERVIEW, "pulse")
_SEEN: Final = ident(OVERVIEW, "seen")
_WHICH: Final = ident(OVERVIEW, "which")
_RUNNING: Final = ident(OVERVIEW, "running")
_WAITING: Final = ident(OVERVIEW, "waiting")
_ENDED: Final = ident(OVERVIEW, "ended")
_LONGEST: Final = 64  # characters of a pool's name


def register(app: Dash) -> None:
    """Register the page and its refresh."""
    register_page(__name__, path=_PATH, title="Activity · P2PPool Manager", layout=_layout)
    buttons.register(app)
    app.callback(
        output={
            "running": Output(_RUNNING, "children"),
            "waiting": Output(_WAITING, "children"),
            "ended": Output(_ENDED, "children"),
            "seen": Output(_SEEN, "data"),
            "heartbeat": Output(_PULSE, "data-heartbeat"),
        },
        inputs={
            "heartbeat": Input(_CLOCK, "n_intervals"),
            "which": Input(_WHICH, "data"),
            "seen": State(_SEEN, "data"),
        },
        running=waits(_CLOCK),
    )(_refresh)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page."""
    return path == _PATH


def _layout(pool: str = "", before: str = "", **_query: str) -> html.Div:
    if pool and (len(pool) > _LONGEST or not exists(context.engine(), pool)):
        return nothing("There is no such pool.", "It may have another name, or have been deleted.")
    which = {"pool": pool or None, "before": ticket_number(before)}
    return html.Div(
        [
            interval(_CLOCK),
            dcc.Store(id=_SEEN),
            dcc.Store(id=_WHICH, data=which),
            pool_navigation(pool, _PATH) if pool else None,
            html.Div([html.H1("Activity"), heartbeat(_PULSE)], className="title"),
            buttons.layout(),
            html.Section([html.H2("Running"), html.Div(id=_RUNNING)]),
            html.Section([html.H2("Waiting"), html.Div(id=_WAITING)]),
            html.Section([html.H2("Ended"), html.Div(id=_ENDED)]),
        ],
        className="activity",
    )


def _refresh(*, heartbeat: int | None, which: object, seen: dict[str, str] | None) -> dict[str, Any]:
    page, news = _page_of(which), News(seen)
    found = sources().active.at(page.pool)
    running = [one for one in found if not one.place]
    waiting = [one for one in found if one.place]
    shown = {
        "running": news.of("running", running_list(running, one_pool=page.pool is not None)),
        "waiting": news.of("waiting", waiting_list(waiting, one_pool=page.pool is not None)),
        "ended": news.of("ended", ended_list(sources().ended.at(page), page)),
    }
    return shown | {"seen": news.marks, "heartbeat": heartbeat}


def _page_of(which: object) -> PageOf:
    """Return the requested page; a browser can send anything."""
    found = which if isinstance(which, dict) else {}
    pool, before = found.get("pool"), found.get("before")
    named = isinstance(pool, str) and len(pool) <= _LONGEST
    return PageOf(pool if named else None, number_in(before))
