"""Registers the page of one node, lays it out and refreshes it."""

from typing import Any
from urllib.parse import unquote

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.components import period_picker
from dashboards.components.period_picker import Quick
from dashboards.frame.navigation import pool_navigation, pool_path
from dashboards.live.polling import heartbeat, interval, waits
from dashboards.pages.nodes import history, neighbours
from dashboards.pages.nodes.ids import LEAF
from dashboards.pages.nodes.node_ids import CLOCK, LAST, NODE, PAGE, PULSE
from dashboards.pages.not_found_404 import nothing
from dashboards.web import context
from dashboards.web.text import age
from dashboards.web.untyped import register_page
from p2ppool.errors import one_line
from p2ppool.node.address import PREFIX
from p2ppool.reports.nodes.node_history import KnownNode, known_node
from p2ppool.reports.nodes.nodes import last_snapshot_id

_MIDDLE = f"{LEAF}/"
_QUICKS = (Quick.DAY, Quick.WEEK, Quick.MONTH, Quick.ALL)


def register(app: Dash) -> None:
    """Register the page, its parts, and its refresh."""
    template = f"/pools/<name>{_MIDDLE}<address>"
    register_page(__name__, path_template=template, title=_title, layout=_layout)
    app.callback(
        Output(LAST, "data"),
        Output(PULSE, "data-heartbeat"),
        Input(CLOCK, "n_intervals"),
        State(NODE, "data"),
        State(LAST, "data"),
        prevent_initial_call=True,
        running=waits(CLOCK),
    )(_refresh)
    period_picker.register(app, PAGE)
    for part in (neighbours, history):
        part.register(app)


def is_there(path: str) -> bool:
    """Tell whether `path`, as the server decoded it, is the page of a node that was ever seen."""
    pool, middle, address = path.removeprefix("/pools/").rpartition(_MIDDLE)
    return bool(middle) and _found(pool, address) is not None


def _found(pool: str, address: str) -> KnownNode | None:
    return known_node(context.engine(), pool, f"{PREFIX}{address}")


def _title(name: str = "", address: str = "") -> str:
    return f"{one_line(unquote(address), 8)} in {one_line(unquote(name), 64)} · P2PPool Manager"


def _layout(name: str = "", address: str = "", **query: str) -> html.Div:
    name, address = unquote(name), unquote(address)
    node = _found(name, address)
    if node is None:
        return nothing("There is no such node.", "No crawl of this pool has ever seen it.")
    return html.Div(
        [
            interval(CLOCK),
            dcc.Store(id=NODE, data={"pool": name, "address": node.address}),
            dcc.Store(id=LAST, data=last_snapshot_id(context.engine(), name)),
            pool_navigation(name, LEAF),
            _head(name, node),
            neighbours.layout(),
            html.Section(
                [
                    html.H2("Over time"),
                    period_picker.picker(PAGE, query, quicks=_QUICKS, default=Quick.WEEK),
                    history.layout(name, address),
                ]
            ),
        ]
    )


def _head(name: str, node: KnownNode) -> html.Div:
    body = node.address.removeprefix(PREFIX)
    return html.Div(
        [
            html.Div(
                [
                    html.H1(["Node ", html.Span(f"{body[:6]}…", className="mono")]),
                    heartbeat(PULSE),
                    dcc.Link("All nodes", href=pool_path(name, LEAF)),
                ],
                className="node-head",
            ),
            html.P(
                [html.Span(node.address, className="mono"), " · first seen ", age(node.first_seen_at)],
                className="node-address",
            ),
        ]
    )


def _refresh(heartbeat: int, node: dict[str, str], last: int | None) -> tuple[Any, int]:
    found = last_snapshot_id(context.engine(), node["pool"])
    return no_update if found == last else found, heartbeat
