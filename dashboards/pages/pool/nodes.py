"""The table of nodes."""

from typing import Any

from dash import Dash, Input, Output, dcc, html

from dashboards.components.grid import grid, height
from dashboards.components.node_columns import columns
from dashboards.components.node_rows import node_rows
from dashboards.frame.navigation import pool_path
from dashboards.pages.pool.ids import PAGE, SNAPSHOT
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.nodes.nodes import snapshot_nodes

_GRID = ident(PAGE, "nodes")
_COLUMNS = columns(
    (
        *("place", "address", "health", "host", "ip", "consistency", "agrees", "cons", "tcp", "udp"),
        *("tunnel", "retries", "milliseconds", "type", "error"),
    )
)


def layout(name: str) -> html.Div:
    """Build the empty table, which a callback fills, and the link to the page of all nodes."""
    more = html.P(dcc.Link("All columns, other crawls, each node's history", href=pool_path(name, "/nodes")))
    return html.Div([grid(_GRID, _COLUMNS, key="address"), more])


def register(app: Dash) -> None:
    """Fill it with each snapshot."""
    app.callback(Output(_GRID, "rowData"), Output(_GRID, "style"), Input(SNAPSHOT, "data"))(_fill)


def _fill(snapshot: int | None) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows = [] if snapshot is None else node_rows(snapshot_nodes(context.engine(), snapshot))
    return rows, {"height": height(len(rows))}
