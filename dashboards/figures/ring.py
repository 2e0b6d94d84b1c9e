"""The ring: nodes on a circle by address, links between them, and inconsistencies in red."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.geometry import Spacing, arc, chord, lifted, point, turns
from dashboards.figures.labels import host_labels, hover_texts, scale_labels
from dashboards.figures.links import LinkRole, Links, Pair, links_of
from dashboards.figures.palette import Palette
from dashboards.web import text
from p2ppool.reports.nodes.nodes import Health

SYMBOLS = {
    Health.CONSISTENT: "circle",
    Health.INCONSISTENT: "diamond",
    Health.SILENT: "circle-open",
    Health.GHOST: "x-open",
    Health.LEFT_OVER: "square-open",
}
"""A shape for each health status, so that colour is never the only sign."""

OPTIONAL = (LinkRole.NEAR, LinkRole.SECOND, LinkRole.SHORTCUT)
"""Roles of links that may be hidden; broken ones always show."""

SCALE, HOSTS = "scale", "hosts"
"""Names of the traces with text."""

_WITH_NAMES = 48  # nodes up to which each bears its host's name
_EDGE = 1.22  # half of the least height and width that show, in radii
_WIDTH_WITH_NAMES = 1.42
_CENTRE = 104  # px, diameter of the disc behind the number in the middle


def ring_figure(
    nodes: pd.DataFrame,
    consistency: float | None,
    colours: Palette,
    *,
    spacing: Spacing = Spacing.ADDRESS,
    kinds: Collection[LinkRole] = OPTIONAL,
) -> go.Figure:
    """Draw the ring of one snapshot.

    Args:
        nodes: from p2ppool.reports.nodes.nodes.snapshot_nodes, in ring order.
        consistency: the pool's, for the middle.
        colours: the theme's.
        spacing: by address, or even.
        kinds: roles of links to draw, besides the broken ones.
    """
    angles = turns(list(nodes["address"]), spacing)
    named = len(nodes) <= _WITH_NAMES
    figure = go.Figure(layout=_layout(colours, width=_WIDTH_WITH_NAMES if named else _EDGE, spacing=spacing))
    figure.update_layout(shapes=_shapes(links_of(nodes), angles, kinds, colours))
    figure.add_trace(_disc(colours))
    figure.add_traces(_node_traces(nodes, angles, colours))
    if spacing is Spacing.ADDRESS:
        figure.add_trace(scale_labels(colours).update(name=SCALE))
    if named:
        figure.add_trace(host_labels(nodes, angles, colours).update(name=HOSTS))
    figure.update_layout(annotations=_middle(consistency, colours))
    return figure


def _layout(colours: Palette, *, width: float, spacing: Spacing) -> dict[str, Any]:
    axis = {"visible": False, "constrain": "domain"}
    return {
        "xaxis": {**axis, "range": [-width, width]},
        "yaxis": {**axis, "range": [-_EDGE, _EDGE], "scaleanchor": "x"},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": "pan",
        "uirevision": spacing.value,
        "font": {"family": "system-ui, sans-serif", "color": colours.ink},
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.line,
            "font": {"family": "ui-monospace, monospace", "size": 12, "color": colours.ink},
            "align": "left",
        },
    }


def _shapes(
    links: Links, angles: list[float], kinds: Collection[LinkRole], colours: Palette
) -> list[dict[str, Any]]:
    """Build one shape for each role of link, however many links: fast to draw, and small to send."""
    crowd = max(len(angles), 1)
    faint, narrow = min(0.65, 4 / crowd**0.5), min(1.2, 6 / crowd**0.4)
    strokes: list[tuple[LinkRole, Iterable[Pair], Callable[[float, float], str], dict[str, Any]]] = [
        (LinkRole.SHORTCUT, links.shortcut, chord, stroke(colours.shortcut, narrow, faint)),
        (LinkRole.SECOND, links.second, _second, stroke(colours.consistent, narrow, faint)),
        (LinkRole.NEAR, links.near, arc, stroke(colours.consistent, 2.2, 0.9)),
        (LinkRole.BROKEN, links.broken, lifted, stroke(colours.inconsistent, 1.8, 0.95, dash="5px,3px")),
    ]
    drawn = [
        {"type": "path", "path": _path(pairs, angles, line), "name": kind.value, "layer": "below", **style}
        for kind, pairs, line, style in strokes
        if pairs and (kind in kinds or kind is LinkRole.BROKEN)
    ]
    return [_guide(colours), *drawn]


def _second(start: float, end: float) -> str:
    return chord(start, end, bend=2.2)


def _path(pairs: Iterable[Pair], angles: list[float], line: Callable[[float, float], str]) -> str:
    return "".join(line(angles[one], angles[other]) for one, other in sorted(pairs))


def stroke(colour: str, width: float, opacity: float, dash: str = "solid") -> dict[str, Any]:
    """Build the style of a line; `width` in pixels."""
    return {
        "opacity": opacity,
        "line": {"color": colour, "width": width, "dash": dash},
        "fillcolor": "rgba(0,0,0,0)",
    }


def _guide(colours: Palette) -> dict[str, Any]:
    """Build the circle itself, which shows where links are missing."""
    corners = {"x0": -1, "x1": 1, "y0": -1, "y1": 1}
    return {"type": "circle", "layer": "below", "line": {"width": 1, "color": colours.line}, **corners}


def _disc(colours: Palette) -> go.Scatter:
    """Build a plain background for the number in the middle, of the same size on every screen."""
    marker = {"size": _CENTRE, "color": colours.paper, "opacity": 0.9}
    return go.Scatter(name="middle", mode="markers", x=[0], y=[0], marker=marker, hoverinfo="skip")


def _node_traces(nodes: pd.DataFrame, angles: list[float], colours: Palette) -> list[go.Scatter]:
    size = max(5.0, min(15.0, 66 / max(len(nodes), 1) ** 0.5))
    texts = hover_texts(nodes)
    places = {health: [i for i, found in enumerate(nodes["health"]) if found is health] for health in Health}
    addresses = list(nodes["address"])
    traces = [
        _markers(health.value, found, angles, texts, node_marker(health, size, colours), addresses=addresses)
        for health, found in places.items()
        if found
    ]
    local = [i for i, found in enumerate(nodes["local"]) if found]
    halo = {"symbol": "circle-open", "size": size + 10, "color": colours.ink, "line": {"width": 1.6}}
    return [*traces, _markers("local", local, angles, texts, halo, addresses=addresses)] if local else traces


def node_marker(health: Health, size: float, colours: Palette) -> dict[str, Any]:
    """Build the marker of a node with that health; `size` in pixels."""
    colour = getattr(colours, health.value)
    filled = health in {Health.CONSISTENT, Health.INCONSISTENT}
    edge = {"width": 1.5 if size > 6 else 0.5, "color": colours.surface}  # noqa: PLR2004 - px
    larger = {Health.INCONSISTENT: 1.25, Health.GHOST: 0.9}.get(health, 1.0)
    return {
        "symbol": SYMBOLS[health],
        "size": size * larger,
        "color": colour,
        "opacity": 1,
        "line": edge if filled else {"width": 2, "color": colour},
    }


def _markers(
    name: str,
    places: list[int],
    angles: list[float],
    texts: list[str],
    marker: dict[str, Any],
    *,
    addresses: list[str],
) -> go.Scatter:
    spots = [point(angles[place]) for place in places]
    return go.Scatter(
        name=name,
        mode="markers",
        x=[round(x, 5) for x, _ in spots],
        y=[round(y, 5) for _, y in spots],
        marker=marker,
        hovertext=[texts[place] for place in places],
        customdata=[addresses[place] for place in places],  # a click says which
        hoverinfo="text" if name != "local" else "skip",
        cliponaxis=False,
    )


def _middle(consistency: float | None, colours: Palette) -> list[dict[str, Any]]:
    place = {"x": 0, "y": 0, "showarrow": False, "xref": "x", "yref": "y"}
    return [
        {
            **place,
            "text": text.consistency(consistency),
            "yshift": 7,
            "font": {"size": 26, "color": colours.ink, "weight": 650},
        },
        {**place, "text": "consistency", "yshift": -15, "font": {"size": 11, "color": colours.muted}},
    ]
