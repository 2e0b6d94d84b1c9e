"""The map itself, with zooming, dragging and clicking."""

from collections.abc import Mapping
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards.figures.palette import palette
from dashboards.frame.shell import THEME
from dashboards.pages.map.choice import CHOICE, Selection, selected
from dashboards.pages.map.figure import world_figure
from dashboards.pages.map.ids import CHOSEN, CLOSER, FARTHER, MAP, MARK, PAGE, PLACES, VIEW, WHOLE, WIDTH
from dashboards.pages.map.viewport import moved, read_view, whole_world
from dashboards.web.ids import ident
from dashboards.web.text import counted
from dashboards.web.untyped import bind_in_browser, labelled
from p2ppool.places.place import on_earth, read_coordinates
from p2ppool.reports.nodes.nodes import Health

_FRAME: Final = ident(PAGE, "frame")
_SHOWN: Final = {"height": "var(--world)"}  # the style sheet knows the screen
_STEP: Final = 2.0
_WIDEST: Final = 8000  # px
_GRAPH: Final[Any] = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "map"},
    "plotlyServerURL": "",
    "topojsonURL": "/assets/topojson/",
    "scrollZoom": True,
    "responsive": True,
}


def layout() -> html.Div:
    """Build the empty map; a callback draws it."""
    return html.Div(
        [
            dcc.Store(id=WIDTH),
            dcc.Store(id=VIEW),
            dcc.Store(id=CHOSEN),
            html.Figure(
                dcc.Graph(
                    id=MAP, config=_GRAPH, className="world-map", style=_SHOWN | {"visibility": "hidden"}
                ),
                id=_FRAME,
                role="img",
            ),
            html.Div(
                [
                    html.Button("+", id=CLOSER, type="button", title="Closer", **labelled("Closer")),
                    html.Button("−", id=FARTHER, type="button", title="Farther", **labelled("Farther")),  # noqa: RUF001 - a minus
                    html.Button("Whole world", id=WHOLE, type="button"),
                ],
                className="world-buttons",
            ),
        ],
        className="world-frame",
    )


def register(app: Dash) -> None:
    """Draw the map for each selection and view, and keep the view."""
    bind_in_browser(app, ClientsideFunction("world", "width"), Output(WIDTH, "data"), Input(THEME, "data"))
    app.callback(
        output=(Output(MAP, "figure"), Output(MAP, "style"), Output(_FRAME, "aria-label")),
        inputs={
            "choice": CHOICE,
            "mark": Input(MARK, "data"),
            "theme": Input(THEME, "data"),
            "view": Input(VIEW, "data"),
            "width": Input(WIDTH, "data"),
        },
    )(_draw)
    app.callback(
        Output(VIEW, "data"),
        Output(CHOSEN, "data"),
        Input(MAP, "relayoutData"),
        Input(MAP, "clickData"),
        Input(PLACES, "cellClicked"),
        State(VIEW, "data"),
        State(WIDTH, "data"),
        prevent_initial_call=True,
    )(_move)
    app.callback(
        Output(VIEW, "data", allow_duplicate=True),
        Output(CHOSEN, "data", allow_duplicate=True),
        Input(CLOSER, "n_clicks"),
        Input(FARTHER, "n_clicks"),
        Input(WHOLE, "n_clicks"),
        State(VIEW, "data"),
        State(WIDTH, "data"),
        prevent_initial_call=True,
    )(_press)


def _draw(
    *, choice: dict[str, Any], mark: str, theme: str | None, view: Any, width: float | None
) -> tuple[Any, Any, Any]:
    del mark
    if theme is None or not width:  # the browser reports it in a moment
        return no_update, no_update, no_update
    found = selected(**choice)
    figure = world_figure(
        found.placed_nodes, found.placed_hosts, palette(theme), read_view(view, _pixels(width))
    )
    return figure, _SHOWN, _description(found)


def _move(
    relayout: dict[str, Any] | None, click: Any, cell: Any, view: Any, width: float | None
) -> tuple[Any, Any]:
    before = read_view(view, _pixels(width))
    triggered = {name.rpartition(".")[2] for name in ctx.triggered_prop_ids}
    target = _clicked(click) if "clickData" in triggered else None
    target = target or (_cell_place(cell) if "cellClicked" in triggered else None)
    if target:
        return before.at(*target).as_data(), target
    after = moved(before, relayout)
    return (no_update if after == before else after.as_data()), no_update


def _press(_closer: int, _farther: int, _whole: int, view: Any, width: float | None) -> tuple[Any, Any]:
    before = read_view(view, _pixels(width))
    if ctx.triggered_id == WHOLE:
        return whole_world(before.width).as_data(), None
    return before.scaled(_STEP if ctx.triggered_id == CLOSER else 1 / _STEP).as_data(), no_update


def _clicked(click: Any) -> list[float] | None:
    """Return latitude, longitude and extent of the clicked mark."""
    points = click.get("points") if isinstance(click, Mapping) else None
    data = points[0].get("customdata") if points and isinstance(points[0], Mapping) else None
    return _target(data)


def _cell_place(cell: Any) -> list[float] | None:
    key = cell.get("rowId") if isinstance(cell, Mapping) else None
    found = read_coordinates(key) if isinstance(key, str) else None
    return None if found is None else [*found, 0.0]


def _target(data: Any) -> list[float] | None:
    if not isinstance(data, list) or len(data) != 3:  # noqa: PLR2004 - latitude, longitude, extent
        return None
    point, extent = on_earth(data[0], data[1]), data[2]
    usable = point is not None and isinstance(extent, int | float) and 0 <= extent <= 360  # noqa: PLR2004
    return [*point, float(extent)] if usable and point else None


def _pixels(width: float | None) -> int:
    return max(100, min(_WIDEST, int(width or 0)))


def _description(found: Selection) -> str:
    placed = found.placed_nodes
    counts = placed["health"].value_counts()
    states = ", ".join(
        f"{counts[health]} {health.replace('_', ' ')}" for health in Health if health in counts
    )
    places = len(placed[["latitude", "longitude"]].drop_duplicates())
    text = f"World map of {counted(len(placed), 'node')} in {counted(places, 'place')}"
    return f"{text}: {states}" if states else text
