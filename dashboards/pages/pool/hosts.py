"""The table of hosts with the result of the last action on each."""

from typing import Any

from dash import Dash, Input, Output, State, html

from dashboards.components.grid import NUMBER, TEXT, grid, height
from dashboards.pages.pool.ids import ACTIVITY, NAME, PAGE
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.hosts.host_stats import HostMeasured, host_stats
from p2ppool.reports.hosts.last_results import HostReport, host_reports

_GRID = ident(PAGE, "hosts")
_MIB = 1024 * 1024
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
    {
        "field": "cpu",
        "headerName": "CPU %",
        "width": 92,
        "headerTooltip": "All cores, last measured",
        **NUMBER,
    },
    {"field": "load", "headerName": "Load", "width": 86, "headerTooltip": "Of the last minute", **NUMBER},
    {"field": "memory", "headerName": "RAM %", "width": 96, "headerTooltip": "Memory in use", **NUMBER},
    {"field": "disk", "headerName": "Disk %", "width": 94, "headerTooltip": "In use, install path", **NUMBER},
    {"field": "node_memory", "headerName": "Node MiB", "width": 112, "headerTooltip": "Its memory", **NUMBER},
    {"field": "clock", "headerName": "Clock s", "width": 98, "headerTooltip": "Ahead of ours", **NUMBER},
    {"field": "seconds", "headerName": "s", "width": 84, "headerTooltip": "Seconds it took", **NUMBER},
    {"field": "when", "headerName": "When (UTC)", "width": 185, **TEXT},
]


def layout() -> html.Div:
    """Build the empty table; a callback fills it."""
    return html.Div(grid(_GRID, _COLUMNS, key="key"))


def register(app: Dash) -> None:
    """Fill it with each result."""
    app.callback(
        Output(_GRID, "rowData"), Output(_GRID, "style"), Input(ACTIVITY, "data"), State(NAME, "data")
    )(_fill)


def _fill(_activity: str, name: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    measured = {host.id: host for host in host_stats(context.engine(), name)}
    rows = [
        _row(host) | (_measured(measured[host.id]) if host.id in measured else {})
        for host in host_reports(context.engine(), name)
    ]
    return rows, {"height": height(len(rows))}


def _measured(host: HostMeasured) -> dict[str, Any]:
    """Return the last measurements; a cell is empty if the host does not report the value."""
    return {
        "cpu": None if host.cpu is None else round(100 * host.cpu),
        "load": host.load,
        "memory": _used(host.memory_free, host.memory_total),
        "disk": _used(host.disk_free, host.disk_total),
        "node_memory": None if host.node_rss is None else round(host.node_rss / _MIB),
        "clock": None if host.clock_offset is None else round(host.clock_offset, 2),
    }


def _used(free: int | None, total: int | None) -> int | None:
    """Return the used part in percent."""
    return None if free is None or not total else round(100 * (1 - free / total))


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
