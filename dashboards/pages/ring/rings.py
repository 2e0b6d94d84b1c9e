"""The ring of the shown crawl, and beside it that of the one it is compared with."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboards.components.ring_graph import empty_graph, switches
from dashboards.frame.shell import THEME
from dashboards.pages.ring.focus_figure import FocusView
from dashboards.pages.ring.ids import (
    AGAINST,
    CRAWL,
    CRAWL_RANGE,
    KINDS,
    NAME,
    NAMESPACE,
    NODE,
    OTHER,
    PAGE,
    SPACING,
    VIEW,
)
from dashboards.web.ids import ident
from dashboards.web.untyped import bind_in_browser

_BOTH = ident(PAGE, "rings")
_VIEWS = {
    FocusView.NEAR.value: "neighbours",
    FocusView.FAR.value: "and shortcuts",
    FocusView.RING.value: "whole ring",
}


def layout(view: str) -> html.Div:
    """Build the two figures, the second hidden until requested, with their legend and switches."""
    view_switch = html.Fieldset([html.Legend("View of a node"), dcc.RadioItems(_VIEWS, view, id=VIEW)])
    return html.Div(
        [
            html.Div([_one("other"), _one("own")], id=_BOTH, className="rings"),
            html.Div(
                [html.Div(id=_part("own", "key")), switches(SPACING, KINDS, view_switch)], className="under"
            ),
        ]
    )


def _part(which: str, part: str) -> str:
    return ident(PAGE, f"{which}-{part}")


def _one(which: str) -> html.Figure:
    return html.Figure(
        [
            html.Figcaption(id=_part(which, "caption")),
            html.Div(
                [empty_graph(_part(which, "graph"), doubleClick="reset"), html.Div(id=_part(which, "note"))],
                id=_part(which, "frame"),
                role="img",
                className="one",
            ),
        ],
        className=which,
    )


def register(app: Dash) -> None:
    """Redraw each ring when its inputs change; all of it happens in the browser."""
    for which, crawl in (("own", CRAWL), ("other", OTHER)):
        bind_in_browser(
            app,
            ClientsideFunction(NAMESPACE, f"draw_{which}"),
            *_outputs(which),
            Input(crawl, "data"),
            Input(THEME, "data"),
            Input(SPACING, "value"),
            Input(KINDS, "value"),
            Input(NODE, "data"),
            Input(VIEW, "value"),
            State(NAME, "data"),
            State(CRAWL_RANGE, "data"),
        )
    bind_in_browser(
        app,
        ClientsideFunction(NAMESPACE, "other"),
        Output(OTHER, "data"),
        Output(_BOTH, "className"),
        Input(CRAWL, "data"),
        Input(AGAINST, "value"),
        Input(CRAWL_RANGE, "data"),
    )
    bind_in_browser(
        app,
        ClientsideFunction(NAMESPACE, "choose"),
        Output(NODE, "data"),
        Output(_part("own", "graph"), "clickData"),
        Output(_part("other", "graph"), "clickData"),
        Input(_part("own", "graph"), "clickData"),
        Input(_part("other", "graph"), "clickData"),
        State(NODE, "data"),
        True,  # noqa: FBT003 - prevent_initial_call: at first it is what the address said
    )
    bind_in_browser(
        app,
        ClientsideFunction(NAMESPACE, "settle"),
        Input(CRAWL, "data"),
        Input(OTHER, "data"),
        Input(NODE, "data"),
        Input(AGAINST, "value"),
        Input(VIEW, "value"),
    )


def _outputs(which: str) -> list[Any]:
    graph = _part(which, "graph")
    return [
        Output(graph, "figure"),
        Output(graph, "style"),
        Output(_part(which, "frame"), "aria-label"),
        Output(_part(which, "caption"), "children"),
        Output(_part(which, "note"), "children"),
        *([Output(_part(which, "key"), "children")] if which == "own" else []),
    ]
