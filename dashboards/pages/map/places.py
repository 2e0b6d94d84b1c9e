"""Below the map: the same as a table of places, and the nodes of the clicked mark."""

from collections import Counter
from typing import Any, Final

import pandas as pd
from dash import Dash, Input, Output, State, html

from dashboards.components.csv_download import csv_button, csv_file, csv_of_grid, csv_payload
from dashboards.components.grid import TEXT, grid, height
from dashboards.frame.navigation import pool_path
from dashboards.pages.map.choice import CHOICE, Selection, selected
from dashboards.pages.map.clusters import apart
from dashboards.pages.map.ids import CHOSEN, MARK, PAGE, PLACES
from dashboards.pages.map.texts import SIGNS
from dashboards.web.ids import ident
from dashboards.web.text import counted
from p2ppool.errors import one_line
from p2ppool.places.countries import countries
from p2ppool.reports.nodes.nodes import Health

_SELECTED: Final = ident(PAGE, "here")
_CSV: Final = ident(PAGE, "csv")
_MOST: Final = 100  # nodes of a mark that are named
_ROUNDED: Final = 0.001  # degrees
_COUNT: Final = {"type": "rightAligned"}


def _column(field: str, header: str, flex: float, width: int, **kind: Any) -> dict[str, Any]:
    """Build a column that takes its share of the width."""
    return {
        "field": field,
        "headerName": header,
        "flex": flex,
        "minWidth": width,
        "tooltipField": field,
        **kind,
    }


_COLUMNS: Final = [
    _column("place", "Place", 3, 150, **TEXT),
    _column("country", "Country", 1.3, 120, **TEXT),
    _column("nodes", "Nodes", 1, 90, sort="desc", **_COUNT),
    *(
        _column(health.value, health.value.replace("_", " ").capitalize(), 1, 100, **_COUNT)
        for health in Health
    ),
    _column("hosts", "Hosts", 1, 90, **_COUNT),
    _column("source", "Source", 2, 190, **TEXT),
    _column("precision", "Precision", 1, 110, **TEXT),
]


def layout() -> list[Any]:
    """Build the section of the clicked mark, and the table."""
    return [
        html.Section(id=_SELECTED, className="world-here", hidden=True, role="status"),
        html.Section(
            [
                html.Div(
                    [
                        html.H2("Places"),
                        html.Div([csv_of_grid(PLACES, "places"), csv_button(_CSV, label="CSV of the nodes")]),
                    ],
                    className="world-head",
                ),
                grid(PLACES, _COLUMNS, key="key"),
            ]
        ),
    ]


def register(app: Dash) -> None:
    """Fill the section and the table for the selection."""
    app.callback(
        output=(Output(PLACES, "rowData"), Output(PLACES, "style")),
        inputs={"choice": CHOICE, "mark": Input(MARK, "data")},
    )(_fill)
    app.callback(
        output=(Output(_SELECTED, "children"), Output(_SELECTED, "hidden")),
        inputs={"choice": CHOICE, "chosen": Input(CHOSEN, "data"), "mark": Input(MARK, "data")},
    )(_show_selected)
    app.callback(
        output=Output(csv_file(_CSV), "data"),
        inputs={
            "clicks": Input(_CSV, "n_clicks"),
            "choice": {name: _state(one) for name, one in CHOICE.items()},
        },
        prevent_initial_call=True,
    )(_csv)


def _state(wire: Input) -> State:
    return State(wire.component_id, wire.component_property)


def _fill(*, choice: dict[str, Any], mark: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    del mark
    rows = place_rows(selected(**choice))
    return rows, {"height": height(len(rows))}


def place_rows(found: Selection) -> list[dict[str, Any]]:
    """Build a row for each place, with its nodes by health, and its hosts."""
    at: dict[tuple[float, float], tuple[list[Any], list[Any]]] = {}
    for kind, frame in enumerate((found.placed_nodes, found.placed_hosts)):
        for row in frame.to_dict("records"):
            at.setdefault((row["latitude"], row["longitude"]), ([], []))[kind].append(row)
    return [_row(point, nodes, hosts) for point, (nodes, hosts) in at.items()]


def _row(point: tuple[float, float], nodes: list[Any], hosts: list[Any]) -> dict[str, Any]:
    first = (nodes or hosts)[0]
    healths = Counter(node["health"] for node in nodes)
    country = countries().get(first["country"])
    return {
        "key": f"{point[0]},{point[1]}",
        "place": first["label"],
        "country": country.name if country else "",
        "nodes": len(nodes),
        **{health.value: healths[health] for health in Health},
        "hosts": len(hosts),
        "source": first["source"],
        "precision": first["precision"],
    }


def _show_selected(
    *, choice: dict[str, Any], chosen: list[float] | None, mark: str
) -> tuple[list[Any], bool]:
    del mark
    if not chosen:
        return [], True
    latitude, longitude, extent = chosen
    nodes = [
        row
        for row in selected(**choice).placed_nodes.to_dict("records")
        if apart((latitude, longitude), (row["latitude"], row["longitude"])) <= extent + _ROUNDED
    ]
    return ([], True) if not nodes else (_named(nodes), False)


def _named(nodes: list[Any]) -> list[Any]:
    labels = list(dict.fromkeys(one_line(node["label"], 60) for node in nodes))
    where = labels[0] if len(labels) == 1 else f"{labels[0]} and {counted(len(labels) - 1, 'more place')}"
    more = len(nodes) - _MOST
    return [
        html.H2(f"{counted(len(nodes), 'node')} at {where}"),
        html.Ul([_item(node) for node in nodes[:_MOST]]),
        html.P(f"and {more} more", className="quiet") if more > 0 else None,
    ]


def _item(node: dict[Any, Any]) -> html.Li:
    health = node["health"]
    host = "this manager" if node["local"] else node["host"] or node["ip"] or ""
    return html.Li(
        [
            html.Span(SIGNS[health], className=f"state {health.value}", title=health.value.replace("_", " ")),
            html.Code(node["address"].rpartition(":")[2][:12]),
            html.Span(one_line(host, 60)),
            html.A(node["pool"], href=pool_path(node["pool"], "/nodes"), className="quiet"),
        ]
    )


def _csv(*, clicks: int, choice: dict[str, Any]) -> dict[str, Any]:
    """Return the selected nodes, including those without a place."""
    del clicks
    nodes: pd.DataFrame = selected(**choice).nodes
    return csv_payload(nodes.drop(columns=["local"]), "map")
