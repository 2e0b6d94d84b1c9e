"""The map: nodes and hosts at their places, as bubbles where they would overlap."""

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.palette import Palette
from dashboards.figures.ring import SYMBOLS
from dashboards.pages.map.clusters import Point, spiral
from dashboards.pages.map.located import Gathered, Spot, gathered
from dashboards.pages.map.texts import bubble_text, hover_of_many, hover_of_node
from dashboards.pages.map.viewport import Viewport
from p2ppool.reports.nodes.nodes import Health

GEO: Final = "geo"
FINE_FROM: Final = 3.0
"""The scale from which finer outlines are drawn."""

_NODE: Final = 11  # px
_STEP: Final = 13  # px between nodes that share a place


def world_figure(nodes: pd.DataFrame, hosts: pd.DataFrame, colours: Palette, view: Viewport) -> go.Figure:
    """Draw the map of everything with a place.

    Args:
        nodes: from p2ppool.reports.pools.world_map, only those with a place.
        hosts: likewise.
        colours: the theme's.
        view: the visible part; nodes are clustered for it.
    """
    figure = go.Figure(layout=world_layout(colours, view))
    figure.add_traces(world_traces(nodes, hosts, colours, view))
    return figure


def world_layout(colours: Palette, view: Viewport) -> dict[str, Any]:
    """Build everything but the traces."""
    return {
        GEO: _geo(colours, view),
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": "pan",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "activecolor": colours.ink},
        "uirevision": "world",
        "font": {"family": "system-ui, sans-serif", "color": colours.ink},
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.line,
            "font": {"family": "ui-monospace, monospace", "size": 12, "color": colours.ink},
            "align": "left",
        },
    }


def world_traces(
    nodes: pd.DataFrame, hosts: pd.DataFrame, colours: Palette, view: Viewport
) -> list[go.Scattergeo]:
    """Build the traces: hosts below, single nodes by health, bubbles on top; only visible marks.

    The `customdata` of each mark is latitude, longitude and extent of what it stands for.
    """
    found = gathered(nodes, hosts, view)
    single = [spot for spot in found.spots if spot.spread or len(spot.nodes) == 1]
    many = [spot for spot in found.spots if len(spot.nodes) > 1 and not spot.spread]
    return [
        _hosts(found, colours),
        *(_singles(found, health, single, colours, view) for health in Health),
        _bubbles(found, many, colours),
    ]


def _geo(colours: Palette, view: Viewport) -> dict[str, Any]:
    return {
        "projection": {
            "type": "mercator" if view.narrow else "natural earth",  # which has more room on tall screens
            "scale": view.scale,
            "rotation": {"lon": view.longitude},
        },
        "center": {"lat": view.latitude, "lon": view.longitude},
        "lataxis": {"range": [-57, 78 if view.narrow else 84]},
        "resolution": resolution(view),
        "bgcolor": "rgba(0,0,0,0)",
        "showframe": False,
        "showcoastlines": False,
        "showland": True,
        "landcolor": colours.land,
        "showocean": True,
        "oceancolor": colours.water,
        "showlakes": True,
        "lakecolor": colours.water,
        "showcountries": True,
        "countrycolor": colours.line,
        "countrywidth": 0.7,
    }


def resolution(view: Viewport) -> int:
    """Return the scale of the outlines: 1 to so many million."""
    return 50 if view.scale >= FINE_FROM else 110


def _hosts(found: Gathered, colours: Palette) -> go.Scattergeo:
    """Draw a frame around the mark of a host's place, or alone if no node is there."""
    spots = [spot for spot in found.spots if spot.hosts]
    failed = [any(host["error"] is not None for host in found.hosts_of(spot)) for spot in spots]
    edges = [colours.inconsistent if bad else colours.muted for bad in failed]
    return go.Scattergeo(
        name="hosts",
        mode="markers",
        **_where([spot.point for spot in spots]),
        marker={
            "symbol": "hexagon",
            "size": [_size(found, spot) + 11 for spot in spots],
            "color": "rgba(0,0,0,0)",
            "line": {"width": 1.8, "color": edges},
        },
        customdata=[spot.target for spot in spots],
        hovertext=[hover_of_many(found, spot) for spot in spots],
        hoverinfo="text",
    )


def _singles(
    found: Gathered, health: Health, spots: list[Spot], colours: Palette, view: Viewport
) -> go.Scattergeo:
    step = _STEP * view.degrees_per_pixel
    placed: list[tuple[int, Point, Spot]] = []
    for spot in spots:
        points = spiral(spot.point, len(spot.nodes), step) if spot.spread else [spot.point]
        placed += zip(spot.nodes, points, [spot] * len(points), strict=True)
    chosen = [one for one in placed if found.nodes[one[0]]["health"] is health]
    return go.Scattergeo(
        name=health.value,
        mode="markers",
        **_where([point for _, point, _ in chosen]),
        marker=_marker(health, colours),
        customdata=[spot.target for _, _, spot in chosen],
        hovertext=[hover_of_node(found.nodes[number]) for number, _, _ in chosen],
        hoverinfo="text",
    )


def _marker(health: Health, colours: Palette) -> dict[str, Any]:
    colour = getattr(colours, health.value)
    filled = health in {Health.CONSISTENT, Health.INCONSISTENT}
    return {
        "symbol": SYMBOLS[health],
        "size": _NODE,
        "color": colour,
        "line": {"width": 1.3, "color": colours.surface} if filled else {"width": 2, "color": colour},
        "opacity": 1,
    }


def _bubbles(found: Gathered, spots: list[Spot], colours: Palette) -> go.Scattergeo:
    worst = [found.worst(spot) for spot in spots]
    return go.Scattergeo(
        name="bubbles",
        mode="markers+text",
        **_where([spot.point for spot in spots]),
        marker={
            "symbol": "circle",
            "size": [_size(found, spot) for spot in spots],
            "color": [
                colours.consistent if found.counts(spot).get(Health.CONSISTENT) else getattr(colours, bad)
                for spot, bad in zip(spots, worst, strict=True)
            ],
            "opacity": 0.94,
            "line": {
                "width": [1.5 if bad is Health.CONSISTENT else 4 for bad in worst],
                "color": [
                    colours.surface if bad is Health.CONSISTENT else getattr(colours, bad) for bad in worst
                ],
            },
        },
        text=[bubble_text(found, spot) for spot in spots],
        textposition="middle center",
        textfont={"color": colours.surface, "size": 12, "weight": 650},
        customdata=[spot.target for spot in spots],
        hovertext=[hover_of_many(found, spot) for spot in spots],
        hoverinfo="text",
    )


def _size(found: Gathered, spot: Spot) -> float:
    """Return the size of a mark in pixels."""
    count = len(spot.nodes)
    if count <= 1 or spot.spread:
        return _NODE
    least = 25 if found.worst(spot) is Health.CONSISTENT else 36  # it has two lines
    return min(52.0, max(least, 22.0 + 3 * (count - 1).bit_length()))


def _where(points: list[Point]) -> dict[str, list[float]]:
    return {
        "lat": [round(latitude, 4) for latitude, _ in points],
        "lon": [round(longitude, 4) for _, longitude in points],
    }
