"""The nodes of the crawl as a list to choose from."""

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from dashboards.components.csv_download import csv_of_grid
from dashboards.components.grid import NUMBER, TEXT, TWO_DIGITS, grid, height
from dashboards.components.node_rows import node_rows
from dashboards.pages.ring.ids import NAME, PAGE, PAIR
from dashboards.pages.ring.panel import nodes_of
from dashboards.web.ids import ident
from p2ppool.node.address import PREFIX
from p2ppool.reports.nodes.nodes import Health

_GRID = ident(PAGE, "nodes")
_HEALTH_CLASSES = {
    f"state {health.value}": f"params.value == '{health.replace('_', ' ')}'" for health in Health
}
_COLUMNS: list[dict[str, Any]] = [
    {"field": "place", "headerName": "#", "width": 70, "headerTooltip": "Place on the ring", **NUMBER},
    {
        "field": "address",
        "headerName": "Address",
        "width": 330,
        "flex": 1,
        "cellClass": "mono",
        "tooltipField": "address",
        "valueFormatter": {"function": f"params.value.slice({len(PREFIX)})"},
        **TEXT,
    },
    {"field": "health", "headerName": "State", "width": 140, "cellClassRules": _HEALTH_CLASSES, **TEXT},
    {"field": "host", "headerName": "Host", "width": 160, "tooltipField": "host", **TEXT},
    {"field": "ip", "headerName": "IP", "width": 140, **TEXT},
    {"field": "consistency", "headerName": "Consistency", "width": 132, **TWO_DIGITS},
    {
        "field": "agrees",
        "headerName": "Agrees",
        "width": 104,
        "cellClass": "bits",
        "headerTooltip": "Do left, left2, right and right2 name it back? ● yes, ○ no, · not counted",
        **TEXT,
    },
]


def layout(name: str) -> html.Section:
    """Build the empty table; a callback fills it."""
    return html.Section(
        [
            html.Div([html.H2("Nodes"), csv_of_grid(_GRID, f"{name}-ring-nodes")], className="headline"),
            html.P("Click a row, or press Enter in it, to go to that node.", className="quiet"),
            html.Div(grid(_GRID, _COLUMNS, key="address"), className="picks"),
        ]
    )


def register(app: Dash) -> None:
    """Fill it when the choice has settled."""
    app.callback(Output(_GRID, "rowData"), Output(_GRID, "style"), Input(PAIR, "data"), State(NAME, "data"))(
        _fill
    )


def _fill(pair: Mapping[str, Any] | None, name: str) -> tuple[Any, Any]:
    if pair is None:
        return no_update, no_update
    rows = node_rows(nodes_of(name, pair.get("crawl")))
    return rows, {"height": height(len(rows))}
