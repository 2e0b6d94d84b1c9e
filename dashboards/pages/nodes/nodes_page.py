"""Registers the page of all nodes, lays it out and refreshes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.frame.navigation import pool_navigation
from dashboards.live.polling import heartbeat, interval, waits
from dashboards.pages.nodes import crawl_choice, table, view
from dashboards.pages.nodes.ids import CLOCK, LAST, LEAF, NAME, PULSE, SNAPSHOT
from dashboards.pages.not_found_404 import nothing
from dashboards.web import context
from dashboards.web.pool_paths import is_page_of_pool
from dashboards.web.untyped import register_page
from p2ppool.errors import one_line
from p2ppool.reports.crawls.crawls import CrawlInTime, crawl, crawl_nearest
from p2ppool.reports.nodes.nodes import last_snapshot_id
from p2ppool.reports.pools.pools import exists

_LONGEST = 40  # characters of a moment in the address


def register(app: Dash) -> None:
    """Register the page, its parts, and its refresh."""
    register_page(__name__, path_template=f"/pools/<name>{LEAF}", title=_title, layout=_layout)
    app.callback(
        Output(LAST, "data"),
        Output(PULSE, "data-heartbeat"),
        Input(CLOCK, "n_intervals"),
        State(NAME, "data"),
        State(LAST, "data"),
        prevent_initial_call=True,
        running=waits(CLOCK),
    )(_refresh)
    for part in (crawl_choice, view, table):
        part.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page of a pool."""
    return is_page_of_pool(path, LEAF)


def _title(name: str = "") -> str:
    return f"Nodes of {one_line(unquote(name), 64)} · P2PPool Manager"


def _layout(name: str = "", **query: str) -> html.Div:
    name = unquote(name)
    if not exists(context.engine(), name):
        return nothing("There is no such pool.", "It may have another name, or have been deleted.")
    found, follows = _requested_crawl(name, query)
    return html.Div(
        [
            interval(CLOCK),
            dcc.Store(id=NAME, data=name),
            dcc.Store(id=LAST, data=last_snapshot_id(context.engine(), name)),
            dcc.Store(id=SNAPSHOT, data=found.crawl.id if found else None),
            pool_navigation(name, LEAF),
            html.Div([html.H1("Nodes"), heartbeat(PULSE)], className="title"),
            crawl_choice.layout(name, found, follows=follows),
            *table.layout(name),
        ]
    )


def _requested_crawl(name: str, query: Mapping[str, str]) -> tuple[CrawlInTime | None, bool]:
    """Return the crawl of `?crawl=ID` or `?at=MOMENT`, else the last; and whether to follow newer ones."""
    engine = context.engine()
    number, moment = query.get("crawl", ""), _moment(query.get("at", ""))
    found = None
    if number.isascii() and number.isdecimal() and len(number) < 10:  # noqa: PLR2004 - digits of any id
        found = crawl(engine, name, int(number))
    elif moment is not None:
        found = crawl_nearest(engine, name, moment)
    return (found, False) if found else (crawl(engine, name), True)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text[:_LONGEST])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _refresh(heartbeat: int, name: str, last: int | None) -> tuple[Any, int]:
    found = last_snapshot_id(context.engine(), name)
    return no_update if found == last else found, heartbeat
