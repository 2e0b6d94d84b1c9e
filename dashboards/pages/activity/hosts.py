"""The hosts of one action: counts, a small sign for each, errors by kind, and the table.

The server sends what changed since the browser's last answer; assets/activity.js updates the table and the
signs, and filters without the server.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update

from dashboards.components.csv_download import csv_of_grid
from dashboards.components.grid import NUMBER, TEXT, grid, height
from dashboards.components.tickets import brief
from dashboards.live.deltas import Delta, Have
from dashboards.live.polling import News
from dashboards.pages.activity.ids import ACTION, CLASSES
from dashboards.pages.activity.sources import Followed
from dashboards.web.ids import ident
from dashboards.web.untyped import bind_in_browser, data, labelled
from p2ppool.errors import one_line
from p2ppool.reports.actions.action import ErrorGroup, HostPhase, HostProgress

HAVE: Final = ident(ACTION, "have")
"""Store of the rows that the browser has."""
_DELTA: Final = ident(ACTION, "delta")
_SECTION: Final = ident(ACTION, "hosts-section")
_COUNTS: Final = ident(ACTION, "counts")
_ERRORS: Final = ident(ACTION, "errors")
_SIGNS: Final = ident(ACTION, "signs")
_SEARCH: Final = ident(ACTION, "search")
_GRID: Final = ident(ACTION, "hosts")

OUTPUTS: Final[Mapping[str, Output]] = {
    "hidden": Output(_SECTION, "hidden"),
    "counts": Output(_COUNTS, "children"),
    "errors": Output(_ERRORS, "children"),
    "delta": Output(_DELTA, "data"),
    "have": Output(HAVE, "data"),
    "style": Output(_GRID, "style"),
}
"""The outputs that `shown` fills."""

_SIGNED: Final = {f"sign-of {CLASSES[one]}": f"params.data.state == '{one.value}'" for one in HostPhase}
_TENTHS: Final = NUMBER | {
    "valueFormatter": {"function": "params.value == null ? '' : d3.format('.1f')(params.value)"}
}
_MOMENT: Final = TEXT | {
    "valueFormatter": {"function": "params.value ? params.value.slice(0, 19).replace('T', ' ') : ''"}
}
_COLUMNS: Final[Sequence[Mapping[str, Any]]] = (
    {"field": "host", "headerName": "Host", "width": 150, "tooltipField": "host", **TEXT},
    {"field": "result", "headerName": "Result", "width": 160, "cellClassRules": _SIGNED, **TEXT},
    {"field": "step", "headerName": "Step", "width": 110, **TEXT},
    {
        "field": "message",
        "headerName": "What happened",
        "minWidth": 280,
        "flex": 1,
        "wrapText": True,
        "autoHeight": True,
        **TEXT,
    },
    {"field": "seconds", "headerName": "s", "width": 84, "headerTooltip": "Seconds it took", **_TENTHS},
    {
        "field": "when",
        "headerName": "When (UTC)",
        "width": 185,
        "headerTooltip": "Ended, or begun",
        **_MOMENT,
    },
    {"field": "state", "headerName": "State", "hide": True, **TEXT},
)
_FOR_EYES: Final[Mapping[str, Any]] = {"aria-hidden": "true"}  # the table has the same content
_NOT_PRESSED: Final[Mapping[str, Any]] = {"aria-pressed": "false"}
_RESULTS: Final = {HostPhase.DONE: "done", HostPhase.NOT_STARTED: "not started", HostPhase.WORKING: "working"}


def layout(followed: Followed) -> html.Section:
    """Build the empty section for a callback to fill; hidden if the action has no hosts."""
    search = dcc.Input(id=_SEARCH, type="search", placeholder="Search hosts and messages", autoComplete="off")
    labelled_search = html.Label([html.Span("Search hosts and messages", className="unseen"), search])
    return html.Section(
        [
            dcc.Store(id=_DELTA),
            dcc.Store(id=HAVE),
            html.H2("Hosts"),
            html.Div(id=_COUNTS, className="counts", role="group", **labelled("Show only hosts that are")),
            html.Div(id=_SIGNS, className="signs", **_FOR_EYES),
            html.Div(id=_ERRORS, className="errors"),
            html.Div([labelled_search, csv_of_grid(_GRID, _file_name(followed))], className="tools"),
            html.Div(grid(_GRID, _COLUMNS, key="key")),
        ],
        id=_SECTION,
        hidden=not followed.detail.hosts,
    )


def _file_name(followed: Followed) -> str:
    ticket = followed.detail.ticket
    return f"{followed.detail.pool}-{ticket.action}-{ticket.id}-hosts"


def register(app: Dash) -> None:
    """Let the browser apply the changes that it receives."""
    bind_in_browser(
        app,
        ClientsideFunction("activity", "hosts"),
        Output(_GRID, "rowData"),
        Output(_GRID, "rowTransaction"),
        Input(_DELTA, "data"),
    )


def shown(followed: Followed | None, have: object, news: News) -> dict[str, Any]:
    """Return the values for `OUTPUTS`."""
    if followed is None:
        return dict.fromkeys(OUTPUTS, no_update)
    delta = followed.hosts.since(_had(have))
    return {
        "hidden": not followed.detail.hosts,
        "counts": news.of("counts", _counts(followed.counts)),
        "errors": news.of("errors", [_group(group) for group in followed.errors]),
        "delta": no_update if delta.empty else _sent(delta),
        "have": no_update if delta.empty else {"kept": delta.have.kept, "number": delta.have.number},
        "style": {"height": height(len(delta.rows))} if delta.whole else no_update,
    }


def row(host: HostProgress) -> dict[str, Any]:
    """Build a row of the table."""
    return {
        "key": str(host.id),
        "host": host.host,
        "state": host.phase.value,
        "sign": CLASSES[host.phase],
        "result": _RESULTS.get(host.phase) or one_line(host.error.replace("_", " "), 32),
        "step": host.step,
        "message": brief(host.message),
        "seconds": None if host.seconds is None else round(host.seconds, 3),
        "when": "" if host.at is None else f"{host.at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _had(have: object) -> Have | None:
    """Read what the browser already has; it can send anything."""
    found = have if isinstance(have, dict) else {}
    kept, number = found.get("kept"), found.get("number")
    return Have(kept, number) if isinstance(kept, str) and type(number) is int else None


def _sent(delta: Delta[int, HostProgress]) -> dict[str, Any]:
    return {
        "whole": delta.whole,
        "rows": [row(host) for host in delta.rows.values()],
        "gone": [str(key) for key in delta.gone],
    }


def _counts(counts: Mapping[HostPhase, int]) -> list[html.Button]:
    """Build the counts; a click shows only those hosts in the table, another click all."""
    return [
        _filter(
            "state",
            phase.value,
            [html.Span(className=f"mark {CLASSES[phase]}"), f"{count} {phase.value}"],
        )
        for phase in HostPhase
        if (count := counts.get(phase, 0))
    ]


def _group(group: ErrorGroup) -> html.Div:
    name = one_line(group.kind.replace("_", " "), 32)
    rest = group.count - len(group.first)
    named = ", ".join(one_line(host, 60) for host in group.first) + (f" and {rest} more" if rest else "")
    return html.Div(
        [
            _filter("result", name, [html.B(group.count), f" {name}"]),
            html.Div(
                [
                    html.P(group.what, className="what"),
                    html.P(["How to fix it: ", group.remedy], className="remedy") if group.remedy else None,
                    html.P(named, className="quiet"),
                ]
            ),
        ],
        className="error-group",
    )


def _filter(column: str, value: str, content: Any) -> html.Button:
    return html.Button(
        content, type="button", className="pick", **data(column=column, value=value), **_NOT_PRESSED
    )
