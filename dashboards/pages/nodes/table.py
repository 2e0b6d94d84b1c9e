"""The table of the nodes of a crawl. The server sends columns, assets/nodes.js makes rows of them."""

from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboards.components.csv_download import csv_of_grid
from dashboards.components.grid import grid, height
from dashboards.components.node_columns import AGREES, columns
from dashboards.frame.navigation import pool_path
from dashboards.pages.nodes import view
from dashboards.pages.nodes.ids import GRID, LEAF, NAME, PAGE, SNAPSHOT
from dashboards.web import context
from dashboards.web.ids import ident
from dashboards.web.untyped import bind_in_browser
from p2ppool.accounts.table_views import NodeView
from p2ppool.places.geolocation import geolocation
from p2ppool.reports.nodes.node_table import NodeTable, node_table
from p2ppool.reports.nodes.nodes import Health

_TABLE: Final = ident(PAGE, "table")
_NOTE: Final = ident(PAGE, "note")
_SEARCH: Final = ident(PAGE, "search")
_STATES: Final = ident(PAGE, "states")
_COUNT: Final = ident(PAGE, "count")
_GO: Final = ident(PAGE, "go")

_MIB: Final = 1024 * 1024
_LINKED: Final = ("address", "left", "right", "left2", "right2")
_LISTENERS: Final = {
    "columnMoved": ["nodesViewChanged(params)"],
    "sortChanged": ["nodesViewChanged(params)"],
    "filterChanged": ["nodesFilterChanged(params)"],
    "modelUpdated": ["nodesCounted(params)"],
    "firstDataRendered": ["nodesBegin(params)"],
    "rowClicked": ["nodesRowClicked(params)"],
    "cellKeyDown": ["nodesKeyDown(params)"],
}


def layout(name: str) -> list[Any]:
    """Build the tools above the table, and the empty table, which a callback fills."""
    shown = view.first(name)
    tools = [
        _search(name),
        dcc.RadioItems(_state_options(None), "", id=_STATES, className="node-states", labelClassName="quick"),
        html.Span(id=_COUNT, className="quiet", role="status"),
        html.Div([view.layout(name, shown), csv_of_grid(GRID, f"{name}-nodes")], className="ends"),
    ]
    return [
        dcc.Store(id=_TABLE),
        dcc.Location(id=_GO, refresh="callback-nav"),
        html.Div(tools, className="node-tools"),
        html.P(id=_NOTE, className="note watch", hidden=True),
        _grid(name, shown),
    ]


def _search(name: str) -> html.Label:
    """Build the search field, which keeps its text for visitors who go to a node and come back."""
    field = dcc.Input(
        id=_SEARCH,
        type="search",
        placeholder="Search visible columns",
        persistence=name,
        persistence_type="session",
    )
    return html.Label([html.Span("Search", className="unseen"), field])


def _grid(name: str, shown: NodeView) -> Any:
    base = pool_path(name, f"{LEAF}/")
    table = grid(
        GRID,
        [_column(column, shown, base) for column in columns(view.all_names(shown))],
        key="address",
        cacheQuickFilter=True,
        suppressDragLeaveHidesColumns=True,
        context={"base": base},
    )
    table.eventListeners = _LISTENERS
    table.className = "grid nodes"
    return table


def _column(column: dict[str, Any], shown: NodeView, base: str) -> dict[str, Any]:
    name, order = column["field"], [field for field, _ in shown.sorting]
    column |= {"suppressMovable": False, "hide": name not in shown.columns}
    if name in order:
        column |= {"sort": dict(shown.sorting)[name], "sortIndex": order.index(name)}
    if name in _LINKED:
        column |= {"cellRenderer": "NodeLink", "cellRendererParams": {"base": base}}
    if name == "version":
        column["cellClassRules"] = {"behind": "nodesBehind(params.value)"}
    return column


def register(app: Dash) -> None:
    """Fill the table with each crawl; search and filter in the browser."""
    app.callback(
        Output(_TABLE, "data"),
        Output(_NOTE, "children"),
        Output(_NOTE, "hidden"),
        Output(_STATES, "options"),
        Output(GRID, "style"),
        Input(SNAPSHOT, "data"),
        State(NAME, "data"),
    )(_fill)
    for wire in (
        (ClientsideFunction("nodes", "rows"), Output(GRID, "rowData"), Input(_TABLE, "data")),
        (ClientsideFunction("nodes", "search"), Output(_SEARCH, "id"), Input(_SEARCH, "value")),
        (ClientsideFunction("nodes", "filterStates"), Output(_STATES, "id"), Input(_STATES, "value")),
    ):
        bind_in_browser(app, *wire)


def _fill(snapshot: int | None, name: str) -> tuple[Any, ...]:
    where = geolocation(context.settings().geo_database)
    found = None if snapshot is None else node_table(context.engine(), name, snapshot, where)
    if found is None:
        return None, "", True, _state_options(None), {"display": "none"}
    rows = len(found.columns["address"])
    is_downsampled = not rows and found.crawl.downsampled
    style = {"height": f"min({height(rows, most=rows)}, 78vh)"} if rows else {"display": "none"}
    return (
        sent(found),
        _DOWNSAMPLED if is_downsampled else "",
        not is_downsampled,
        _state_options(found),
        style,
    )


_DOWNSAMPLED: Final = (
    "Only the totals of this crawl are kept: its nodes were deleted by the retention settings. "
    "Earlier and later crawls may still have theirs."
)


def sent(found: NodeTable) -> dict[str, Any]:
    """Return the data for the browser: columns with the names and units of the table there."""
    known = found.columns
    own = {name: known[name] for name in _AS_THEY_ARE}
    return {
        "wanted": found.wanted,
        "columns": own
        | {
            "host": _hosts(known),
            "health": [health.replace("_", " ") for health in known["health"]],
            "where": known["place"],
            "agrees": [bits.translate(AGREES) for bits in known["bits"]],
            "milliseconds": _scaled(known["seconds"], 1000),
            "cpu": _scaled(known["cpu"], 100),
            "memory": _scaled(known["memory"], 100),
            "node_memory": _scaled(known["node_rss"], 1 / _MIB),
        },
    }


_AS_THEY_ARE: Final = (
    *("address", "ip", "consistency", "left", "left2", "right", "right2", "shortcuts", "type", "cons", "tcp"),
    *("udp", "tunnel", "sas", "wedges", "subring", "retries", "virtual_ip", "ip_namespace", "geo_loc"),
    *("version", "error"),
)


def _hosts(known: dict[str, list[Any]]) -> list[str | None]:
    """Name the hosts; the only answering node that is on none of them is the manager's own."""
    pairs = zip(known["host"], known["health"], strict=True)
    silent = {Health.SILENT, Health.GHOST, Health.LEFT_OVER}
    strangers = [place for place, (host, health) in enumerate(pairs) if host is None and health not in silent]
    hosts = list(known["host"])
    if len(strangers) == 1:
        hosts[strangers[0]] = "this manager"
    return hosts


def _scaled(values: list[float | None], factor: float) -> list[float | None]:
    return [None if value is None else round(value * factor, 3) for value in values]


def _state_options(found: NodeTable | None) -> list[dict[str, Any]]:
    """Return the options: all nodes, or those of one health status that occurs."""
    healths = found.columns["health"] if found else []
    some = [(health, healths.count(health.value)) for health in Health]
    options: list[dict[str, Any]] = [{"label": "all", "value": ""}]
    for health, count in some:
        if count:
            text = health.replace("_", " ")
            sign = html.I(className=f"sign {health.value}")
            options.append({"label": html.Span([sign, f"{count} {text}"]), "value": text})
    return options if len(options) > 2 else []  # noqa: PLR2004 - all, and at least two to choose from
