"""The table of nodes."""

from typing import Any

import pandas as pd
from dash import Dash, Input, Output, html

from dashboards import context
from dashboards.grid import NUMBER, TEXT, TWO_DIGITS, grid, height
from dashboards.identifiers import ident
from dashboards.pages.pool.parts import PAGE, SNAPSHOT
from p2ppool.node.address import PREFIX
from p2ppool.reports.nodes import Health, snapshot_nodes

_GRID = ident(PAGE, "nodes")
_AGREES = str.maketrans({"1": "●", "0": "○", "-": "·"})

_HEALTH_CLASSES = {
    f"state {health.value}": f"params.value == '{health.replace('_', ' ')}'" for health in Health
}
_COLUMNS: list[dict[str, Any]] = [
    {
        "field": "place",
        "headerName": "#",
        "width": 70,
        "headerTooltip": "Place on the ring",
        "type": "rightAligned",
    },
    {
        "field": "address",
        "headerName": "Address",
        "width": 150,
        "cellClass": "mono",
        "tooltipField": "address",
        "valueFormatter": {"function": f"params.value.slice({len(PREFIX)})"},
        **TEXT,
    },
    {"field": "health", "headerName": "State", "width": 140, "cellClassRules": _HEALTH_CLASSES, **TEXT},
    {"field": "host", "headerName": "Host", "width": 140, "tooltipField": "host", **TEXT},
    {"field": "ip", "headerName": "IP", "width": 130, **TEXT},
    {"field": "consistency", "headerName": "Consistency", "width": 132, **TWO_DIGITS},
    {
        "field": "agrees",
        "headerName": "Agrees",
        "width": 104,
        "cellClass": "bits",
        "headerTooltip": "Do left, left2, right and right2 name it back? ● yes, ○ no, · not counted",
        **TEXT,
    },
    {"field": "cons", "headerName": "Links", "width": 94, "headerTooltip": "Connections", **NUMBER},
    {"field": "tcp", "headerName": "TCP", "width": 88, **NUMBER},
    {"field": "udp", "headerName": "UDP", "width": 88, **NUMBER},
    {"field": "tunnel", "headerName": "Tunnel", "width": 98, **NUMBER},
    {"field": "retries", "headerName": "Retries", "width": 100, **NUMBER},
    {"field": "milliseconds", "headerName": "ms", "width": 90, "headerTooltip": "Round trip", **NUMBER},
    {"field": "type", "headerName": "Type", "width": 120, "tooltipField": "type", **TEXT},
    {"field": "error", "headerName": "Error", "width": 200, "tooltipField": "error", **TEXT},
]


def layout() -> html.Div:
    """The empty table; a callback fills it."""
    return html.Div(grid(_GRID, _COLUMNS, key="address"))


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
        "agrees": node["bits"].translate(_AGREES),
        "milliseconds": None if seconds is None else round(seconds * 1000, 1),
        **{name: node[name] for name in ("address", "ip", "type", "error")},
        **{
            name: None if pd.isna(node[name]) else int(node[name])
            for name in ("cons", "tcp", "udp", "tunnel", "retries")
        },
    }
