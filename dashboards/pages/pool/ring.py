"""The ring with its key and its switches."""

from typing import Any

import pandas as pd
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboards import context
from dashboards.figures.geometry import Spacing
from dashboards.figures.links import Kind, links_of
from dashboards.figures.palette import palette
from dashboards.figures.ring import ring_figure
from dashboards.figures.zoom import zoom
from dashboards.identifiers import ident
from dashboards.pages.pool.parts import NAME, PAGE, SNAPSHOT
from dashboards.shell import THEME
from dashboards.words import counted
from p2ppool.reports.nodes import Health, snapshot_nodes
from p2ppool.reports.pools import pool

_RING = ident(PAGE, "ring")
_FRAME = ident(PAGE, "ring-frame")
_KEY = ident(PAGE, "ring-key")
_SPACING = ident(PAGE, "ring-spacing")
_KINDS = ident(PAGE, "ring-kinds")

_SHOWN = {"height": "var(--ring)"}  # the style sheet knows the screen
_GRAPH: Any = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "ring"},
    "plotlyServerURL": "",
    "responsive": True,
}
_HEALTH_TEXT = {
    Health.CONSISTENT: "consistent: all neighbours agree",
    Health.INCONSISTENT: "inconsistent: a neighbour does not name it back",
    Health.SILENT: "silent: no answer",
    Health.GHOST: "ghost: another node answers for it",
    Health.LEFT_OVER: "left over: the crawl ended first",
}
_KIND_TEXT = {Kind.NEAR: "neighbours", Kind.SECOND: "second neighbours", Kind.SHORTCUT: "shortcuts"}


def layout() -> html.Section:
    """The ring, and beside it what its signs mean."""
    return html.Section(
        [
            html.H2("Ring", className="unseen"),
            html.Figure(
                dcc.Graph(id=_RING, config=_GRAPH, className="ring", style=_SHOWN | {"visibility": "hidden"}),
                id=_FRAME,
                role="img",
            ),
            html.Aside([html.Div(id=_KEY), _switches()]),
        ],
        className="ring-section",
    )


def register(app: Dash) -> None:
    """Draw it for each snapshot, theme and choice."""
    app.callback(
        output=(
            Output(_RING, "figure"),
            Output(_RING, "style"),
            Output(_FRAME, "aria-label"),
            Output(_KEY, "children"),
            Output(_RING, "relayoutData"),
        ),
        inputs={
            "snapshot": Input(SNAPSHOT, "data"),
            "theme": Input(THEME, "data"),
            "spacing": Input(_SPACING, "value"),
            "kinds": Input(_KINDS, "value"),
            "name": State(NAME, "data"),
            "relayout": State(_RING, "relayoutData"),
        },
    )(_draw)


def _switches() -> html.Div:
    spacings = {Spacing.ADDRESS.value: "by address", Spacing.EVEN.value: "even"}
    kinds = {kind.value: text for kind, text in _KIND_TEXT.items()}
    return html.Div(
        [
            html.Fieldset(
                [html.Legend("Spacing"), dcc.RadioItems(spacings, Spacing.ADDRESS.value, id=_SPACING)]
            ),
            html.Fieldset([html.Legend("Links"), dcc.Checklist(kinds, list(kinds), id=_KINDS)]),
        ],
        className="switches",
    )


def _draw(
    *,
    snapshot: int | None,
    theme: str | None,
    spacing: str,
    kinds: list[str],
    name: str,
    relayout: dict[str, Any] | None,
) -> tuple[Any, Any, Any, Any, Any]:
    if theme is None:  # the browser says in a moment
        return no_update, no_update, no_update, no_update, no_update
    if snapshot is None:
        return no_update, {"display": "none"}, "no ring yet", _no_snapshot(name), None
    nodes = snapshot_nodes(context.engine(), snapshot)
    figure = ring_figure(
        nodes,
        _consistency(name),
        palette(theme),
        spacing=Spacing(spacing),
        kinds=[Kind(kind) for kind in kinds],
    )
    if ctx.triggered_id == _SPACING:  # the nodes have moved: nothing is where the zoom was
        return figure, _SHOWN, _in_words(nodes), _key(nodes), None
    figure.update_layout(zoom(relayout))
    return figure, _SHOWN, _in_words(nodes), _key(nodes), no_update


def _consistency(name: str) -> float | None:
    found = pool(context.engine(), name)
    return found.snapshot.consistency if found and found.snapshot else None


def _no_snapshot(name: str) -> html.Div:
    return html.Div(
        [
            html.H3("No crawl yet"),
            html.P("The ring shows what the last crawl found. Start one:"),
            html.Pre(f"p2ppool pool crawl {name}"),
        ],
        className="empty",
    )


def _key(nodes: pd.DataFrame) -> list[Any]:
    counts = nodes["health"].value_counts()
    broken = len(links_of(nodes).broken)
    items = [
        html.Li([_sign(health.value), html.B(int(counts[health])), html.Span(_HEALTH_TEXT[health])])
        for health in Health
        if health in counts
    ]
    if nodes["local"].any():
        items.append(html.Li([_sign("local"), html.B(""), html.Span("the manager's own node")]))
    links = html.Li([_sign("broken"), html.B(broken), html.Span("links that are not returned")])
    return [html.H3(counted(len(nodes), "node")), html.Ul([*items, links], className="key")]


def _sign(name: str) -> html.I:
    return html.I(className=f"sign {name}")


def _in_words(nodes: pd.DataFrame) -> str:
    counts = nodes["health"].value_counts()
    states = ", ".join(
        f"{counts[health]} {health.replace('_', ' ')}" for health in Health if health in counts
    )
    broken = len(links_of(nodes).broken)
    return f"Ring of {counted(len(nodes), 'node')}: {states}; {counted(broken, 'link')} not returned"
