"""The table of nodes."""

from typing import Any

import pandas as pd
from dash import Dash, Input, Output, dcc, html

from dashboards.components.grid import grid, height
from dashboards.components.node_columns import AGREES, columns
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
    """The empty table, which a callback fills, and the way to the page that tells all of the nodes."""
    more = html.P(dcc.Link("All columns, other crawls, each node's history", href=pool_path(name, "/nodes")))
    return html.Div([grid(_GRID, _COLUMNS, key="address"), more])


def register(app: Dash) -> None:
    """Fill it with each snapshot."""
    app.callback(Output(_GRID, "rowData"), Output(_GRID, "style"), Input(SNAPSHOT, "data"))(_fill)


def _fill(snapshot: int | None) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows = [] if snapshot is None else table_rows(snapshot_nodes(context.engine(), snapshot))
    return rows, {"height": height(len(rows))}


def table_rows(nodes: pd.DataFrame) -> list[dict[str, Any]]:
    """The nodes of a snapshot as the table shows them."""
    return [_row(place, node) for place, node in enumerate(nodes.to_dict("records"), start=1)]


def _row(place: int, node: dict[Any, Any]) -> dict[str, Any]:
    known = {name: None if pd.isna(node[name]) else node[name] for name in ("consistency", "seconds")}
    seconds = known["seconds"]
    return {
        "place": place,
        "health": node["health"].replace("_", " "),
        "host": "this manager" if node["local"] else node["host"],
        "consistency": None if known["consistency"] is None else round(known["consistency"], 3),
        "agrees": node["bits"].translate(AGREES),
        "milliseconds": None if seconds is None else round(seconds * 1000, 1),
        **{name: node[name] for name in ("address", "ip", "type", "error")},
        **{
            name: None if pd.isna(node[name]) else int(node[name])
            for name in ("cons", "tcp", "udp", "tunnel", "retries")
        },
    }
