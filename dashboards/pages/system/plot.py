"""The figure, redrawn for each choice; dragging over it picks the period."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.components import period_picker
from dashboards.components.csv_download import csv_button, csv_file, csv_payload
from dashboards.figures.palette import palette
from dashboards.frame.shell import THEME
from dashboards.pages.system.actions import action_list
from dashboards.pages.system.data import SystemView, shown
from dashboards.pages.system.figure import HEIGHT, Shown, system_figure
from dashboards.pages.system.ids import NAME, NEWS, PAGE, VIEW
from dashboards.pages.system.texts import describe_other, describe_points, summary
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.nodes.nodes import last_snapshot_id

_PLOT = ident(PAGE, "plot")
_FRAME = ident(PAGE, "plot-frame")
_NOTE = ident(PAGE, "note")
_BACK = ident(PAGE, "back")
_BEFORE = ident(PAGE, "before")
_CSV = ident(PAGE, "csv")

_ACTIONS = ident(PAGE, "actions")

_CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": False,
    "doubleClick": "autosize",
    "plotlyServerURL": "",
    "responsive": True,
}
_SHOWN = {"height": f"{HEIGHT}px"}
_EMPTY: Any = {"data": [], "layout": {"height": HEIGHT}}
_MINUTE = timedelta(minutes=1)


def layout() -> html.Section:
    """Build the place of the figure and its texts."""
    return html.Section(
        [
            html.H2("Over time", className="unseen"),
            dcc.Store(id=_BEFORE),
            html.Div(
                [
                    html.P(id=_NOTE, className="quiet", role="status"),
                    html.Button("Undo zoom", id=_BACK, type="button", className="csv back", hidden=True),
                    csv_button(_CSV),
                ],
                className="system-note",
            ),
            html.Figure(
                dcc.Graph(id=_PLOT, figure=_EMPTY, config=_CONFIG, style=_SHOWN | {"visibility": "hidden"}),
                id=_FRAME,
                role="img",
                className="system-plot",
            ),
            html.Div(id=_ACTIONS),
        ]
    )


def register(app: Dash) -> None:
    """Draw it, zoom by dragging, download it."""
    chosen = period_picker.chosen(PAGE)
    app.callback(
        Output(_PLOT, "figure"),
        Output(_PLOT, "style"),
        Output(_FRAME, "aria-label"),
        Output(_FRAME, "hidden"),
        Output(_NOTE, "children"),
        Output(_ACTIONS, "children"),
        Input(chosen, "data"),
        Input(VIEW, "data"),
        Input(THEME, "data"),
        Input(NEWS, "data"),
        State(NAME, "data"),
    )(_draw)
    app.callback(
        Output(period_picker.start(PAGE), "value", allow_duplicate=True),
        Output(period_picker.end(PAGE), "value", allow_duplicate=True),
        Output(period_picker.quick(PAGE), "value", allow_duplicate=True),
        Output(_BEFORE, "data"),
        Output(_BACK, "hidden"),
        Input(_PLOT, "relayoutData"),
        Input(_BACK, "n_clicks"),
        State(chosen, "data"),
        State(_BEFORE, "data"),
        prevent_initial_call=True,
    )(_zoom)
    app.callback(
        Output(csv_file(_CSV), "data"),
        Input(_CSV, "n_clicks"),
        State(chosen, "data"),
        State(VIEW, "data"),
        State(NAME, "data"),
        prevent_initial_call=True,
    )(_download)


def _draw(
    data: Mapping[str, Any], view: Mapping[str, Any], theme: str | None, _news: str, name: str
) -> tuple[Any, ...]:
    if theme is None:  # the browser reports it in a moment
        return (no_update,) * 6
    found = shown(name, data, SystemView.of(name, view))
    if found is None:
        return no_update, no_update, "nothing to draw", True, _nothing(name), None
    figure = system_figure(found, palette(theme))
    return figure, _SHOWN, summary(found), False, _note(found), action_list(found.annotations)


def _note(found: Shown) -> list[Any]:
    """Describe what the figure shows; with two pools, the line of each."""
    text = describe_points(found)
    if found.other is None:
        return [text]
    lines = {"one": found.name, "other": describe_other(found)}
    return [text, *(html.Span([html.I(), text], className=f"line {kind}") for kind, text in lines.items())]


def _nothing(name: str) -> list[Any]:
    if last_snapshot_id(context.engine(), name) is not None:
        return ["No crawl of this pool started in that period."]
    return ["This pool was never crawled. Start a crawl: ", html.Code(f"p2ppool pool crawl {name}")]


def _zoom(
    relayout: Mapping[str, Any] | None,
    _clicks: int | None,
    data: Mapping[str, Any],
    before: Mapping[str, Any] | None,
) -> tuple[Any, ...]:
    """Return the fields' values, the quick choice, what to go back to, and whether the back button is
    hidden.
    """
    if ctx.triggered_id == _BACK or (relayout or {}).get("xaxis.autorange"):
        if not before:
            return (no_update,) * 5
        return before["from"] or "", before["to"] or "", before["period"], None, True
    bounds = zoomed_to(relayout or {})
    if bounds is None:
        return (no_update,) * 5
    return *map(period_picker.field_text, bounds), no_update, before or data, False


def zoomed_to(relayout: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """Return the whole minutes of a zoom that Plotly reported; None for other events."""
    try:
        start, end = (datetime.fromisoformat(str(relayout.get(f"xaxis.range[{side}]"))) for side in (0, 1))
    except ValueError:
        return None
    first, last = sorted(moment.replace(tzinfo=moment.tzinfo or UTC) for moment in (start, end))
    return first.replace(second=0, microsecond=0), last.replace(second=0, microsecond=0) + _MINUTE


def _download(_clicks: int, data: Mapping[str, Any], view: Mapping[str, Any], name: str) -> Any:
    found = shown(name, data, SystemView.of(name, view))
    if found is None:
        return no_update
    return csv_payload(points_of(found), f"{name}-system")


def points_of(found: Shown) -> pd.DataFrame:
    """Return the points that the figure shows, each with its pool."""
    pools = [(found.name, found.series), (found.other_name, found.other)]
    frames = [series.points.assign(pool=name) for name, series in pools if series is not None]
    points = pd.concat([frame for frame in frames if len(frame)])
    return points[["pool", *points.columns.drop("pool")]]
