"""The table of hosts with what the last action left on each."""

from typing import Any

from dash import Dash, Input, Output, State, html

from dashboards import context
from dashboards.grid import NUMBER, TEXT, grid, height
from dashboards.identifiers import ident
from dashboards.pages.pool.parts import ACTIVITY, NAME, PAGE
from p2ppool.reports.hosts import HostReport, host_reports

_GRID = ident(PAGE, "hosts")
_OUTCOME_CLASSES = {
    "state consistent": "params.value == 'ok'",
    "state left_over": "params.value == 'nothing yet'",
    "state inconsistent": "params.value != 'ok' && params.value != 'nothing yet'",
}
_COLUMNS: list[dict[str, Any]] = [
    {"field": "host", "headerName": "Host", "width": 130, "tooltipField": "host", **TEXT},
    {"field": "outcome", "headerName": "Result", "width": 150, "cellClassRules": _OUTCOME_CLASSES, **TEXT},
    {
        "field": "message",
        "headerName": "What happened",
        "minWidth": 280,
        "flex": 1,
        "wrapText": True,
        "autoHeight": True,
        **TEXT,
    },
    {"field": "step", "headerName": "Step", "width": 104, **TEXT},
    {"field": "action", "headerName": "Action", "width": 110, **TEXT},
    {"field": "address", "headerName": "Address", "width": 150, **TEXT},
    {"field": "seconds", "headerName": "s", "width": 84, "headerTooltip": "Seconds it took", **NUMBER},
    {"field": "when", "headerName": "When (UTC)", "width": 185, **TEXT},
]


def layout() -> html.Div:
    """The empty table; a callback fills it."""
    return html.Div(grid(_GRID, _COLUMNS, key="key"))


def register(app: Dash) -> None:
    """Fill it with each result."""
    app.callback(
        Output(_GRID, "rowData"), Output(_GRID, "style"), Input(ACTIVITY, "data"), State(NAME, "data")
    )(_fill)


def _fill(_activity: str, name: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows = [_row(host) for host in host_reports(context.engine(), name)]
    return rows, {"height": height(len(rows))}


def _row(host: HostReport) -> dict[str, Any]:
    named = {"key": str(host.id), "host": host.name, "address": f"{host.address}:{host.port}"}
    last = host.last
    if last is None:
        return named | {"outcome": "nothing yet", "message": "No action has reached this host."}
    return named | {
        "outcome": "ok" if last.error is None else last.error.replace("_", " "),
        "action": last.action,
        "step": last.step,
        "message": last.message,
        "seconds": round(last.seconds, 1),
        "when": f"{last.ended_at:%Y-%m-%d %H:%M:%S}",
    }
