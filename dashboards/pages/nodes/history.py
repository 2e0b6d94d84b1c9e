"""A node over a period: the figure, its IP addresses and hosts, and the samples of each crawl."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.components import period_picker
from dashboards.components.csv_download import csv_of_grid
from dashboards.components.grid import TEXT, grid, height
from dashboards.components.node_columns import columns
from dashboards.components.period_picker import choice
from dashboards.figures.palette import palette
from dashboards.frame.shell import THEME
from dashboards.pages.nodes.history_figure import MOST_POINTS, history_figure
from dashboards.pages.nodes.node_ids import LAST, NODE, PAGE, get_node
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.text import age, counted
from p2ppool.reports.nodes.node_history import Stay, node_history, stays

_FIGURE: Final = ident(PAGE, "figure")
_FACTS: Final = ident(PAGE, "said")
_STAYS: Final = ident(PAGE, "stays")
_GRID: Final = ident(PAGE, "samples")
_MOST_ROWS: Final = 2000  # in the table of samples

_GRAPH: Any = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "node"},
    "plotlyServerURL": "",
    "responsive": True,
}
_COLUMNS: Final = (
    *("health", "consistency", "cons", "tcp", "udp", "tunnel", "sas", "retries", "milliseconds", "ip"),
    *("virtual_ip", "type", "error"),
)
_COUNTS: Final = ("cons", "tcp", "udp", "tunnel", "sas", "retries")


def layout(name: str, address: str) -> html.Div:
    """Build the empty parts, which a callback fills."""
    hidden = {"visibility": "hidden"}
    begun = {
        "field": "at",
        "headerName": "Crawl (UTC)",
        "width": 170,
        "valueFormatter": {"function": "params.value.slice(0, 19).replace('T', ' ')"},
        **TEXT,
    }
    head = [html.H3("Each crawl"), csv_of_grid(_GRID, f"{name}-node-{address[:8]}")]
    return html.Div(
        [
            html.P(id=_FACTS, className="crawl-facts", role="status"),
            dcc.Graph(id=_FIGURE, config=_GRAPH, className="node-figure", style=hidden),
            html.Section([html.H3("Where it was"), html.Div(id=_STAYS)]),
            html.Section(
                [
                    html.Div(head, className="table-head"),
                    grid(_GRID, [begun, *columns(_COLUMNS)], key="crawl"),
                ]
            ),
        ]
    )


def register(app: Dash) -> None:
    """Draw it for each period and theme, and with each crawl."""
    app.callback(
        output={
            "figure": Output(_FIGURE, "figure"),
            "style": Output(_FIGURE, "style"),
            "said": Output(_FACTS, "children"),
            "stays": Output(_STAYS, "children"),
            "rows": Output(_GRID, "rowData"),
            "height": Output(_GRID, "style"),
        },
        inputs={
            "wanted": Input(period_picker.chosen(PAGE), "data"),
            "theme": Input(THEME, "data"),
            "_last": Input(LAST, "data"),
            "data": State(NODE, "data"),
        },
    )(_draw)


def _draw(*, wanted: dict[str, Any], theme: str | None, data: dict[str, str], _last: Any) -> dict[str, Any]:
    node = None if theme is None else get_node(data)  # the browser reports the theme in a moment
    if node is None or (ctx.triggered_id == LAST and not choice(wanted).is_open):
        return dict.fromkeys(("figure", "style", "said", "stays", "rows", "height"), no_update)
    engine, period = context.engine(), choice(wanted).period
    history = node_history(engine, node, period)
    shown = rows(history)
    return {
        "figure": history_figure(history, palette(theme)),
        "style": {} if len(history) else {"display": "none"},
        "said": _facts(len(history)),
        "stays": _stays(stays(engine, node, period)),
        "rows": shown,
        "height": {"height": height(len(shown))},
    }


def rows(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of the latest crawls, the last one first."""
    latest = history.iloc[::-1].head(_MOST_ROWS)
    known = latest.assign(
        crawl=latest["crawl"].map(str),
        at=latest["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        health=latest["health"].str.replace("_", " "),
        milliseconds=(latest["seconds"] * 1000).round(3),
    )[["crawl", "at", *_COLUMNS]].astype(object)
    return known.where(known.notna(), None).to_dict("records")  # type: ignore[return-value] # names are texts


def _facts(crawls: int) -> str:
    if not crawls:
        return "No crawl in this period saw the node."
    downsampled = (
        f", the figure shows means of {-(-crawls // MOST_POINTS)} each" if crawls > MOST_POINTS else ""
    )
    cut = f", the table the latest {_MOST_ROWS}" if crawls > _MOST_ROWS else ""
    return f"{counted(crawls, 'crawl')} saw it{downsampled}{cut}."


def _stays(found: Sequence[Stay]) -> html.Table | html.P:
    if not found:
        return html.P("It reported no IP address in this period.", className="quiet")
    heads = html.Tr([html.Th(text, scope="col") for text in ("IP", "Host", "Crawls", "First", "Last")])
    body = [
        html.Tr(
            [html.Td(value) for value in (stay.ip, stay.hosts, stay.crawls, age(stay.first), age(stay.last))]
        )
        for stay in found
    ]
    return html.Table([html.Thead(heads), html.Tbody(body)], className="stays")
