"""The crawls of the period as a table."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from dash import Dash, Input, Output, State, html

from dashboards.components import period_picker
from dashboards.components.csv_download import csv_of_grid
from dashboards.components.grid import NUMBER, grid, height
from dashboards.pages.system.data import window
from dashboards.pages.system.ids import NAME, NEWS, PAGE
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.crawls.system_stats import crawl_rows

MOST: Final = 2000
"""Rows sent to a browser; the command line exports all."""

_GRID = ident(PAGE, "crawls")
_HINT = ident(PAGE, "crawls-hint")

_SHARE = NUMBER | {
    "valueFormatter": {"function": "params.value == null ? '' : d3.format('.1%')(params.value)"}
}
_THREE_DIGITS = NUMBER | {
    "valueFormatter": {"function": "params.value == null ? '' : d3.format('.3f')(params.value)"}
}
_TIME = {"valueFormatter": {"function": "params.value.slice(0, 19).replace('T', ' ')"}}


def _column(field: str, title: str, width: int, kind: Mapping[str, Any], tip: str = "") -> dict[str, Any]:
    return {"field": field, "headerName": title, "width": width, "headerTooltip": tip or title, **kind}


_COLUMNS = [
    _column("started_at", "Started (UTC)", 168, _TIME) | {"pinned": "left"},
    _column("answered", "Nodes", 100, NUMBER, "Nodes that answered"),
    _column("expected", "Expected", 120, NUMBER, "Nodes that should answer"),
    _column("silent", "Silent", 96, NUMBER),
    _column("ghosts", "Ghosts", 104, NUMBER, "Addresses for which another node answers"),
    _column("left_over", "Left over", 118, NUMBER, "Not asked, as the crawl was cut short"),
    _column("hosts", "Hosts up", 116, NUMBER, "Hosts that were measured during the crawl"),
    _column("consistency", "Consistency", 138, _THREE_DIGITS),
    _column("cons", "Links", 94, NUMBER, "Connections of all kinds"),
    _column("tcp", "TCP", 86, NUMBER),
    _column("udp", "UDP", 88, NUMBER),
    _column("tunnel", "Tunnel", 102, NUMBER),
    _column("sas", "SAs", 86, NUMBER, "Security associations"),
    _column("retries", "Retries", 106, NUMBER, "Calls repeated"),
    _column("cpu", "CPU", 90, _SHARE, "Mean of the hosts"),
    _column("cpu_spread", "CPU ±", 100, _SHARE, "Standard deviation over the hosts"),
    _column("memory", "Memory", 110, _SHARE, "In use, mean of the hosts"),
    _column("memory_spread", "Memory ±", 122, _SHARE, "Standard deviation over the hosts"),
    _column("seconds", "Seconds", 112, NUMBER, "How long the crawl took"),
    _column("complete", "Complete", 108, {}, "No: it was cut short"),
]


def layout(name: str) -> html.Section:
    """Build the empty table; a callback fills it."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Crawls"),
                    html.P(id=_HINT, className="quiet"),
                    csv_of_grid(_GRID, f"{name}-crawls"),
                ],
                className="system-note",
            ),
            grid(_GRID, _COLUMNS, key="started_at"),
        ]
    )


def register(app: Dash) -> None:
    """Fill it for the choice."""
    app.callback(
        Output(_GRID, "rowData"),
        Output(_GRID, "style"),
        Output(_HINT, "children"),
        Input(period_picker.chosen(PAGE), "data"),
        Input(NEWS, "data"),
        State(NAME, "data"),
    )(_fill)


def _fill(data: Mapping[str, Any], _news: str, name: str) -> tuple[Any, Any, Any]:
    found = crawl_rows(context.engine(), name, window(name, data), MOST + 1)
    rows = table_rows(found.head(MOST))
    hint = f"The latest {MOST:,}; `p2ppool export system-stats` has all of them." if len(found) > MOST else ""
    return rows, {"height": height(len(rows))}, hint


def table_rows(crawls: pd.DataFrame) -> list[dict[str, Any]]:
    """Convert the crawls to rows: times as text, missing numbers as None."""
    shown = crawls.assign(
        started_at=[moment.isoformat() for moment in crawls["started_at"]],
        complete=crawls["complete"].map({True: "yes", False: "no"}),
    ).round(4)
    return shown.astype(object).where(shown.notna(), None).to_dict("records")  # type: ignore[return-value]
