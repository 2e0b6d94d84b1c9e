"""Focus on one node and the nodes it names: the rest of the ring is dimmed, and the view zooms in."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import pi
from statistics import fmean
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.geometry import Point, Spacing, arc, chord, lifted, point, turns
from dashboards.figures.labels import hover_texts, side_of, text_at
from dashboards.figures.links import LinkRole
from dashboards.figures.palette import Palette
from dashboards.figures.ring import HOSTS, node_marker, stroke
from p2ppool.reports.nodes.agreement import Agreement, Finding, agreement_of

FOCUS, ROLES = "focus", "roles"
"""Names of the traces with the node and its neighbours, and with their roles."""

_DIMMED = 0.28
_SIZE = 15.0  # px
_NEAREST = 0.05  # radii, half of the least width of a view
_AROUND = 1.45  # width of a view, by that of what it has to show
_CROWDED = 0.075  # of half a view: nodes that are nearer to each other share a label
_FAR = 0.3  # of a view: how far a line that is not returned rises
_SMOOTH = 24  # pieces of a line that is looked at closely
_FINE = frozenset({Finding.AGREES, Finding.LEFT_OVER, Finding.UNKNOWN, Finding.TOO_FEW})


class FocusView(StrEnum):
    """The zoom level on a node."""

    NEAR = "near"
    """Its two neighbours on either side."""
    FAR = "far"
    """Its shortcuts, too."""
    RING = "ring"
    """The whole ring."""


def focus(
    figure: go.Figure,
    nodes: pd.DataFrame,
    address: str,
    colours: Palette,
    *,
    spacing: Spacing,
    view: FocusView,
) -> bool:
    """Focus on a node in the ring that `figure` shows; False, and no change, if it is not in the crawl.

    Args:
        figure: from dashboards.figures.ring.ring_figure, for the same nodes and spacing.
        nodes: of the crawl.
        address: of the node.
        colours: the theme's.
        spacing: of the figure.
        view: the zoom level.
    """
    found = agreement_of(nodes, address)
    if found is None:
        return False
    place_of = {address: place for place, address in enumerate(nodes["address"])}
    angles = turns(list(nodes["address"]), spacing)
    roles = _roles(found, place_of)
    own = place_of[address]
    beside = [] if found.sides else [(own + step) % len(angles) for step in (-2, -1, 1, 2)]  # it names nobody
    window = _window([angles[place] for place in (own, *beside, *_shown(roles, view))])
    half = 1.2 if view is FocusView.RING else window[1]
    _dim(figure)
    figure.update_layout(shapes=[*figure.layout.shapes, *_lines(found, place_of, angles, half, colours)])
    figure.add_trace(_nodes(nodes, [own, *roles], angles, colours))
    figure.add_trace(_labels(roles, angles, half, colours))
    if view is not FocusView.RING:
        figure.update_layout(_ranges(*window))
    return True


def _roles(found: Agreement, place_of: dict[str, int]) -> dict[int, list[str]]:
    """Return the role of each place for the node; those that name it without being named come last."""
    roles: defaultdict[int, list[str]] = defaultdict(list)
    for side in found.sides:
        if side.neighbour in place_of and side.finding is not Finding.SELF:
            roles[place_of[side.neighbour]].append(side.position)
    for claim in found.claims:
        if place_of[claim.address] not in roles:
            roles[place_of[claim.address]].append(f"names it {claim.position}")
    for address in found.shortcuts:
        if address in place_of and place_of[address] not in roles:
            roles[place_of[address]].append("shortcut")
    return dict(roles)


def _shown(roles: dict[int, list[str]], view: FocusView) -> list[int]:
    return [place for place, names in roles.items() if view is FocusView.FAR or names != ["shortcut"]]


def _window(shown: Sequence[float]) -> tuple[Point, float]:
    """Return the middle and half the width of a square that shows these turns."""
    spots = [point(turn) for turn in shown]
    sides = [(min(values), max(values)) for values in zip(*spots, strict=True)]
    middle = (sum(sides[0]) / 2, sum(sides[1]) / 2)
    width = max(high - low for low, high in sides)
    return middle, max(_NEAREST, min(1.2, _AROUND * width / 2))


def _ranges(middle: Point, half: float) -> dict[str, Any]:
    return {
        f"{axis}axis": {"range": [round(at - half, 5), round(at + half, 5)]}
        for axis, at in zip("xy", middle, strict=True)
    }


def _dim(figure: go.Figure) -> None:
    for trace in figure.data:
        if trace.name == HOSTS:
            trace.visible = False
        elif trace.mode == "markers":
            trace.opacity = _DIMMED
    for shape in figure.layout.shapes:
        if shape.name:
            shape.opacity = _DIMMED * shape.opacity


def _lines(
    found: Agreement, place_of: dict[str, int], angles: list[float], half: float, colours: Palette
) -> Iterator[dict[str, Any]]:
    own = angles[place_of[found.facts["address"]]]
    paths: defaultdict[LinkRole, str] = defaultdict(str)
    for address in found.shortcuts:
        if address in place_of:
            paths[LinkRole.SHORTCUT] += chord(own, angles[place_of[address]])
    for claim in found.claims:
        paths[LinkRole.BROKEN] += lifted(angles[place_of[claim.address]], own, _FAR * half, _SMOOTH)
    for side in found.sides:
        if side.neighbour in place_of and side.finding is not Finding.SELF:
            other = angles[place_of[side.neighbour]]
            if side.finding not in _FINE:
                paths[LinkRole.BROKEN] += lifted(own, other, _FAR * half, _SMOOTH)
            elif side.position.endswith("2"):
                paths[LinkRole.SECOND] += chord(own, other, bend=2.2)
            else:
                paths[LinkRole.NEAR] += arc(own, other)
    styles = {
        LinkRole.SHORTCUT: stroke(colours.shortcut, 2, 0.9),
        LinkRole.SECOND: stroke(colours.consistent, 2, 0.8),
        LinkRole.NEAR: stroke(colours.consistent, 4, 1),
        LinkRole.BROKEN: stroke(colours.inconsistent, 2.6, 1, dash="5px,3px"),
    }
    for kind, style in styles.items():
        if paths[kind]:
            yield {"type": "path", "path": paths[kind], "name": f"own {kind}", "layer": "below", **style}


def _nodes(nodes: pd.DataFrame, places: list[int], angles: list[float], colours: Palette) -> go.Scatter:
    """Draw the node, larger and ringed, and its neighbours."""
    shown = nodes.iloc[places]
    spots = [point(angles[place]) for place in places]
    styles = [node_marker(health, _SIZE, colours) for health in shown["health"]]
    styles[0] |= {"size": _SIZE + 6, "line": {"width": 3, "color": colours.ink}}
    marker: dict[str, Any] = {name: [style[name] for style in styles] for name in ("symbol", "size", "color")}
    marker["line"] = {name: [style["line"][name] for style in styles] for name in ("width", "color")}
    return go.Scatter(
        name=FOCUS,
        mode="markers",
        x=[round(x, 5) for x, _ in spots],
        y=[round(y, 5) for _, y in spots],
        marker=marker | {"opacity": 1},
        hovertext=hover_texts(shown),
        customdata=list(shown["address"]),
        hoverinfo="text",
        cliponaxis=False,
    )


def _labels(roles: dict[int, list[str]], angles: list[float], half: float, colours: Palette) -> go.Scatter:
    """Label each neighbour with its role; crowded ones share a label."""
    groups = _groups(sorted(roles, key=lambda place: angles[place]), angles, _CROWDED * half)
    texts = [", ".join(name for place in group for name in roles[place]) for group in groups]
    middles = [fmean(angles[place] for place in group) for group in groups]
    font = {"textfont": {"color": colours.ink, "size": 12}}
    spots = [point(turn, 1 + 0.07 * half) for turn in middles]
    sides = [side_of(turn) for turn in middles]
    return text_at(spots, texts, sides, font).update(name=ROLES)


def _groups(places: list[int], angles: list[float], room: float) -> list[list[int]]:
    """Group places that follow each other within `room` radii."""
    groups: list[list[int]] = []
    for place in places:
        if groups and 2 * pi * (angles[place] - angles[groups[-1][-1]]) < room:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups
