"""Registers the page of one pool, lays it out and refreshes it."""

from typing import Any
from urllib.parse import unquote

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.frame.navigation import pool_navigation
from dashboards.live.polling import heartbeat, interval, waits
from dashboards.pages.not_found_404 import nothing
from dashboards.pages.pool import (
    actions,
    edit,
    files,
    head,
    history,
    hosts,
    nodes,
    people,
    ring,
    schedules,
    turn,
)
from dashboards.pages.pool.ids import ACTIVITY, CLOCK, NAME, PULSE, SNAPSHOT, section
from dashboards.web import context
from dashboards.web.pool_paths import is_page_of_pool
from dashboards.web.untyped import register_page
from p2ppool.errors import one_line
from p2ppool.reports.nodes.nodes import last_snapshot_id
from p2ppool.reports.pools.changes import fingerprint_of_activity
from p2ppool.reports.pools.pools import exists


def register(app: Dash) -> None:
    """Register the page, its parts, and its refresh."""
    register_page(__name__, path_template="/pools/<name>", title=_title, layout=_layout)
    app.callback(
        Output(SNAPSHOT, "data"),
        Output(ACTIVITY, "data"),
        Output(PULSE, "data-heartbeat"),
        Input(CLOCK, "n_intervals"),
        State(NAME, "data"),
        State(SNAPSHOT, "data"),
        State(ACTIVITY, "data"),
        prevent_initial_call=True,  # the layout has the first values; "no update" would delay the parts
        running=waits(CLOCK),
    )(_refresh)
    for part in (head, actions, edit, turn, ring, nodes, hosts, schedules, people, history, files):
        part.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is the page of a pool."""
    return is_page_of_pool(path)


def _title(name: str = "") -> str:
    return f"{one_line(unquote(name), 64)} · P2PPool Manager"


def _layout(name: str = "", **_query: str) -> html.Div:
    name = unquote(name)
    engine = context.engine()
    if not exists(engine, name):
        return nothing("There is no such pool.", "It may have another name, or have been deleted.")
    return html.Div(
        [
            interval(CLOCK),
            dcc.Store(id=NAME, data=name),
            dcc.Store(id=SNAPSHOT, data=last_snapshot_id(engine, name)),
            dcc.Store(id=ACTIVITY, data=fingerprint_of_activity(engine, name)),
            pool_navigation(name),
            html.Div([html.H1(name), heartbeat(PULSE)], className="title"),
            head.layout(),
            actions.layout(),
            edit.layout(name),
            turn.layout(),
            ring.layout(),
            section("Nodes", nodes.layout(name)),
            section("Hosts", hosts.layout()),
            section("Schedules", schedules.layout()),
            people.layout(name),
            section("Recent actions", history.layout()),
            section("Files", files.layout(name)),
        ]
    )


def _refresh(heartbeat: int, name: str, snapshot: int | None, activity: str) -> tuple[Any, Any, int]:
    engine = context.engine()
    new_snapshot, new_activity = last_snapshot_id(engine, name), fingerprint_of_activity(engine, name)
    return (
        no_update if new_snapshot == snapshot else new_snapshot,
        no_update if new_activity == activity else new_activity,
        heartbeat,
    )
