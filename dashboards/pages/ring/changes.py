"""Changes between two crawls: nodes that came, went, moved or changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from dashboards.components.csv_download import csv_of_grid
from dashboards.components.grid import TEXT, grid, height
from dashboards.pages.ring.ids import NAME, PAGE, PAIR
from dashboards.pages.ring.panel import nodes_of
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.text import counted
from p2ppool.node.address import PREFIX
from p2ppool.reports.crawls.crawl_range import CrawlEntry, crawls
from p2ppool.reports.nodes.churn import Churn, NodeInCrawl, churn, nodes_by_address

_GRID = ident(PAGE, "changes")
_SUMMARY = ident(PAGE, "changes-words")
_KINDS = ("came", "went", "reinstalled", "moved", "health")
_ADDRESS: dict[str, Any] = {
    "cellClass": "mono",
    "valueFormatter": {"function": f"params.value ? params.value.slice({len(PREFIX)}) : ''"},
}
_COLUMNS: list[dict[str, Any]] = [
    {
        "field": "what",
        "headerName": "What",
        "width": 140,
        "cellClassRules": {f"change {kind}": f"params.value == '{kind}'" for kind in _KINDS},
        **TEXT,
    },
    {
        "field": "address",
        "headerName": "Address",
        "width": 170,
        "tooltipField": "address",
        **_ADDRESS,
        **TEXT,
    },
    {"field": "host", "headerName": "Host", "width": 160, "tooltipField": "host", **TEXT},
    {"field": "ip", "headerName": "IP", "width": 140, **TEXT},
    {"field": "before", "headerName": "Before", "width": 240, "flex": 1, "tooltipField": "before", **TEXT},
    {"field": "after", "headerName": "After", "width": 240, "flex": 1, "tooltipField": "after", **TEXT},
]


def layout(name: str) -> html.Section:
    """Build the table, with a summary above it."""
    return html.Section(
        [
            html.Div([html.H2("Changes"), csv_of_grid(_GRID, f"{name}-ring-changes")], className="headline"),
            html.Div(id=_SUMMARY, role="status", className="changes-words"),
            html.Div(grid(_GRID, _COLUMNS, key="key"), className="picks"),
        ]
    )


def register(app: Dash) -> None:
    """Fill it when the choice has settled."""
    app.callback(
        Output(_GRID, "rowData"),
        Output(_GRID, "style"),
        Output(_SUMMARY, "children"),
        Input(PAIR, "data"),
        State(NAME, "data"),
    )(_fill)


def _fill(pair: Mapping[str, Any] | None, name: str) -> tuple[Any, ...]:
    if pair is None:
        return no_update, no_update, no_update
    ids = [pair.get(which) for which in ("crawl", "other")]
    entries = crawls(context.engine(), name, [number for number in ids if isinstance(number, int)])
    if len(entries) < len(ids):
        text = "There is no other crawl to compare with."
        return [], {"display": "none"}, html.P(text, className="quiet")
    if any(entry.downsampled for entry in entries):
        text = "The nodes of one of the two crawls are no longer kept: nothing to compare."
        return [], {"display": "none"}, html.P(text, className="quiet")
    found = churn(*(nodes_by_address(nodes_of(name, entry.summary.id)) for entry in entries))
    rows = list(rows_of(found))
    shown = {"height": height(len(rows))} if rows else {"display": "none"}
    return rows, shown, _summary(found, entries)


def rows_of(found: Churn) -> Iterator[dict[str, Any]]:
    """Yield the changes as rows, by kind."""
    for node in found.came:
        yield _row("came", node, "", _health(node))
    for node in found.went:
        yield _row("went", node, _health(node), "")
    for old, new in found.reinstalled:
        yield _row("reinstalled", new, old.address.removeprefix(PREFIX), new.address.removeprefix(PREFIX))
    for old, new in found.moved:
        yield _row("moved", new, _place(old), _place(new))
    for old, new in found.changed:
        yield _row("health", new, _health(old), _health(new))


def _row(what: str, node: NodeInCrawl, before: str, after: str) -> dict[str, Any]:
    return {
        "key": f"{what} {node.address}",
        "what": what,
        "address": node.address,
        "host": node.host,
        "ip": node.ip,
        "before": before,
        "after": after,
    }


def _health(node: NodeInCrawl) -> str:
    return node.health.value.replace("_", " ")


def _place(node: NodeInCrawl) -> str:
    return f"{node.host} ({node.ip})" if node.host else node.ip or ""


def _summary(found: Churn, pair: list[CrawlEntry]) -> list[Any]:
    numbers = {
        "came": len(found.came),
        "went": len(found.went),
        "reinstalled": len(found.reinstalled),
        "moved": len(found.moved),
        "changed health": len(found.changed),
    }
    earlier, later = (f"{entry.summary.started_at:%Y-%m-%d %H:%M:%S}" for entry in pair)
    cut = (
        [] if all(entry.summary.complete for entry in pair) else [html.P(_CUT_SHORT, className="note watch")]
    )
    return [
        html.P(f"From the crawl of {earlier} to that of {later} UTC:"),
        html.Ul(
            [html.Li([html.B(number), f" {what}"]) for what, number in numbers.items()],
            className="changes-sums",
            title=counted(sum(numbers.values()), "change"),
        ),
        *cut,
    ]


_CUT_SHORT = "A crawl that was cut short does not list all nodes: a missing node may still be online."
