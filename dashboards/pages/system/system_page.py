"""Registers the page, lays it out and refreshes it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.components import period_picker
from dashboards.components.period_picker import choice
from dashboards.frame.navigation import pool_navigation
from dashboards.live.polling import heartbeat, interval, waits
from dashboards.pages.not_found_404 import nothing
from dashboards.pages.system import options, plot, table
from dashboards.pages.system.data import SystemView
from dashboards.pages.system.ids import CLOCK, NAME, NEWS, PAGE, PULSE, VIEW
from dashboards.web import context
from dashboards.web.pool_paths import is_page_of_pool
from dashboards.web.untyped import register_page
from p2ppool.errors import one_line
from p2ppool.reports.pools.changes import fingerprint_of, fingerprint_of_past
from p2ppool.reports.pools.pools import exists

_LEAF = "/system"
_BEFORE_POOL = 0
"""Dash takes the first page whose template matches, and "<name>" of "/pools/<name>" matches slashes, too."""


def register(app: Dash) -> None:
    """Register the page, its parts, and its refresh."""
    register_page(
        __name__, path_template=f"/pools/<name>{_LEAF}", title=_title, layout=_layout, order=_BEFORE_POOL
    )
    app.callback(
        Output(NEWS, "data"),
        Output(PULSE, "data-heartbeat"),
        Input(CLOCK, "n_intervals"),
        State(NAME, "data"),
        State(NEWS, "data"),
        State(VIEW, "data"),
        State(period_picker.chosen(PAGE), "data"),
        prevent_initial_call=True,
        running=waits(CLOCK),
    )(_refresh)
    period_picker.register(app, PAGE)
    for part in (options, plot, table):
        part.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is this page of a pool."""
    return is_page_of_pool(path, _LEAF)


def _title(name: str = "") -> str:
    return f"System of {one_line(unquote(name), 64)} · P2PPool Manager"


def _layout(name: str = "", **query: str) -> html.Div:
    name = unquote(name)
    if not exists(context.engine(), name):
        return nothing("There is no such pool.", "It may have another name, or have been deleted.")
    view = SystemView.of(name, query)
    return html.Div(
        [
            interval(CLOCK),
            dcc.Store(id=NAME, data=name),
            dcc.Store(id=NEWS, data=_news(name, view.other)),
            pool_navigation(name, _LEAF),
            html.Div([html.H1("System"), heartbeat(PULSE)], className="title"),
            period_picker.picker(PAGE, query),
            options.layout(name, view),
            plot.layout(),
            table.layout(name),
        ]
    )


def _refresh(
    heartbeat: int, name: str, seen: str, view: Mapping[str, Any], data: Mapping[str, Any]
) -> tuple[Any, int]:
    if not choice(data).is_open:  # nothing that happens now belongs to it
        return no_update, heartbeat
    news = _news(name, SystemView.of(name, view).other)
    return no_update if news == seen else news, heartbeat


def _news(name: str, other: str | None) -> str:
    engine = context.engine()
    return fingerprint_of([fingerprint_of_past(engine, pool) for pool in (name, other) if pool])
