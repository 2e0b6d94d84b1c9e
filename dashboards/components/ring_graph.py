"""The graph of a ring, and the switches for its layout and its links."""

from typing import Any

from dash import dcc, html

from dashboards.figures.geometry import Spacing
from dashboards.figures.links import LinkRole

SHOWN = {"height": "var(--ring)"}  # the style sheet knows the screen
_GRAPH: Any = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "ring"},
    "plotlyServerURL": "",
    "responsive": True,
}
_KIND_TEXT = {
    LinkRole.NEAR: "neighbours",
    LinkRole.SECOND: "second neighbours",
    LinkRole.SHORTCUT: "shortcuts",
}


def empty_graph(ident: str, **config: Any) -> dcc.Graph:
    """Build an empty graph for a callback to fill: hidden until it gets `SHOWN` as its style."""
    style = SHOWN | {"visibility": "hidden"}
    return dcc.Graph(id=ident, config=_GRAPH | config, className="ring", style=style)


def switches(spacing: str, kinds: str, *more: Any) -> html.Div:
    """Build the switches with these ids."""
    spacings = {Spacing.ADDRESS.value: "by address", Spacing.EVEN.value: "even"}
    texts = {kind.value: text for kind, text in _KIND_TEXT.items()}
    return html.Div(
        [
            html.Fieldset(
                [html.Legend("Spacing"), dcc.RadioItems(spacings, Spacing.ADDRESS.value, id=spacing)]
            ),
            html.Fieldset([html.Legend("Links"), dcc.Checklist(texts, list(texts), id=kinds)]),
            *more,
        ],
        className="switches",
    )
