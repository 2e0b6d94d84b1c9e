"""The ring with its legend and its switches."""

from typing import Any

from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboards.components.ring_graph import SHOWN, empty_graph, switches
from dashboards.components.ring_legend import describe_ring, key
from dashboards.figures.geometry import Spacing
from dashboards.figures.links import LinkRole, links_of
from dashboards.figures.palette import palette
from dashboards.figures.ring import ring_figure
from dashboards.frame.shell import THEME
from dashboards.pages.pool.ids import NAME, PAGE, SNAPSHOT
from dashboards.pages.pool.zoom import zoom
from dashboards.web import context
from dashboards.web.ids import ident
from p2ppool.reports.nodes.nodes import snapshot_nodes
from p2ppool.reports.pools.pools import pool

_RING = ident(PAGE, "ring")
_FRAME = ident(PAGE, "ring-frame")
_KEY = ident(PAGE, "ring-key")
_SPACING = ident(PAGE, "ring-spacing")
_KINDS = ident(PAGE, "ring-kinds")


def layout() -> html.Section:
    """Build the ring, with its legend beside it."""
    return html.Section(
        [
            html.H2("Ring", className="unseen"),
            html.Figure(
                empty_graph(_RING),
                id=_FRAME,
                role="img",
            ),
            html.Aside([html.Div(id=_KEY), switches(_SPACING, _KINDS)]),
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


def _draw(
    *,
    snapshot: int | None,
    theme: str | None,
    spacing: str,
    kinds: list[str],
    name: str,
    relayout: dict[str, Any] | None,
) -> tuple[Any, Any, Any, Any, Any]:
    if theme is None:  # the browser reports it in a moment
        return no_update, no_update, no_update, no_update, no_update
    if snapshot is None:
        return no_update, {"display": "none"}, "no ring yet", _no_snapshot(name), None
    nodes = snapshot_nodes(context.engine(), snapshot)
    broken = len(links_of(nodes).broken)
    figure = ring_figure(
        nodes,
        _consistency(name),
        palette(theme),
        spacing=Spacing(spacing),
        kinds=[LinkRole(kind) for kind in kinds],
    )
    if ctx.triggered_id == _SPACING:  # the nodes have moved: nothing is where the zoom was
        return figure, SHOWN, describe_ring(nodes, broken), key(nodes, broken), None
    figure.update_layout(zoom(relayout))
    return figure, SHOWN, describe_ring(nodes, broken), key(nodes, broken), no_update


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
