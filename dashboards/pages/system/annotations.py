"""Actions on a time axis: a sign and a narrow line each; those too close together share one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from dashboards.figures.palette import Palette
from dashboards.figures.text import plain
from dashboards.pages.system.time_lines import axis_time
from dashboards.web import text
from p2ppool.reports.actions.annotations import Annotation, AnnotationKind
from p2ppool.store.models import TicketState

SYMBOLS: Final = {
    AnnotationKind.INSTALL: "circle",
    AnnotationKind.UPGRADE: "triangle-up",
    AnnotationKind.SUSPEND: "square",
    AnnotationKind.RESUME: "triangle-right",
    AnnotationKind.STOP: "x",
    AnnotationKind.CHECK: "diamond",
}
_SEVERAL: Final = "circle-open-dot"
SLOTS: Final = 60
"""Signs that fit side by side."""
_NAME_ROOM: Final = 8  # times the room of a sign that its name takes
_MOST_LINES: Final = 6  # actions of one sign that its hover tells
_LONGEST: Final = 80  # characters of a message in a hover
_WELL: Final = frozenset({TicketState.DONE})
_OPEN: Final = frozenset({TicketState.RUNNING})
_ENDED_EARLY: Final = frozenset({TicketState.CANCELLED})

Cluster = list[Annotation]


def clusters(
    annotations: Sequence[Annotation], start: datetime, end: datetime, slots: int = SLOTS
) -> list[Cluster]:
    """Group the annotations that would overlap between these two moments, in the order of time."""
    room = (end - start) / slots
    found: list[Cluster] = []
    for annotation in annotations:
        if found and annotation.at - found[-1][0].at < room:
            found[-1].append(annotation)
        else:
            found.append([annotation])
    return found


def mark_trace(
    found: Sequence[Cluster], colours: Palette, axis: str, end: datetime, room: timedelta
) -> dict[str, Any]:
    """Build the trace of signs, on a strip of its own up to `end`; `room` is the time that a sign covers."""
    names = _names(found, room * _NAME_ROOM)
    sides = ["left" if end - cluster[0].at < room * _NAME_ROOM else "right" for cluster in found]
    return {
        "type": "scatter",
        "name": "actions",
        "mode": "markers+text",
        "x": [axis_time(cluster[0].at) for cluster in found],
        "y": [0] * len(found),
        "yaxis": axis,
        "marker": {
            "symbol": [_symbol(cluster) for cluster in found],
            "color": [colour(cluster, colours) for cluster in found],
            "size": 11,
            "line": {"width": 1, "color": colours.surface},
        },
        "text": [
            f"{name} " if side == "left" else f" {name}" for name, side in zip(names, sides, strict=True)
        ],
        "textposition": [f"middle {side}" for side in sides],
        "textfont": {"size": 11, "color": colours.muted},
        "hovertext": [hover(cluster) for cluster in found],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }


def mark_lines(found: Sequence[Cluster], colours: Palette) -> list[dict[str, Any]]:
    """Build a line through all panels for each sign."""
    return [
        {
            "type": "line",
            "name": "action",
            "layer": "below",
            "xref": "x",
            "yref": "paper",
            "x0": (at := axis_time(cluster[0].at)),
            "x1": at,
            "y0": 0,
            "y1": 1,
            "line": {"width": 1, "dash": "dot", "color": colour(cluster, colours)},
        }
        for cluster in found
    ]


def colour(cluster: Cluster, colours: Palette) -> str:
    """Return the colour of its worst state."""
    states = {annotation.state for annotation in cluster}
    if states - _WELL - _OPEN - _ENDED_EARLY:
        return colours.inconsistent
    if states & _OPEN:
        return colours.shortcut
    return colours.left_over if states <= _ENDED_EARLY else colours.consistent


def hover(cluster: Cluster) -> str:
    """Describe action, time, requester and result; all of it is untrusted text."""
    lines = [_line(annotation) for annotation in cluster[:_MOST_LINES]]
    if len(cluster) > _MOST_LINES:
        lines.append(f"… and {len(cluster) - _MOST_LINES} more")
    return "<br>".join(lines)


def _line(annotation: Annotation) -> str:
    took = (
        f" in {text.duration((annotation.ended_at - annotation.at).total_seconds())}"
        if annotation.ended_at
        else ""
    )
    head = (
        f"<b>{plain(annotation.action)}</b> {annotation.at:%Y-%m-%d %H:%M} by {plain(annotation.requester)}"
    )
    message = f": {plain(annotation.message, _LONGEST)}" if annotation.message else ""
    return f"{head}<br>   {annotation.state.value}{took}{message}"


def _symbol(cluster: Cluster) -> str:
    kinds = {annotation.kind for annotation in cluster}
    return SYMBOLS[kinds.pop()] if len(kinds) == 1 else _SEVERAL


def _names(found: Sequence[Cluster], room: timedelta) -> list[str]:
    """Name the signs whose text does not overlap the next sign."""
    following = [cluster[0].at for cluster in found[1:]]
    return [
        _name(cluster) if place >= len(following) or following[place] - cluster[0].at > room else ""
        for place, cluster in enumerate(found)
    ]


def _name(cluster: Cluster) -> str:
    kinds = list(dict.fromkeys(annotation.kind.value for annotation in cluster))
    several = f" ({len(cluster)})" if len(cluster) > len(kinds) else ""
    return " + ".join(kinds[:2]) + (" …" if len(kinds) > 2 else several)  # noqa: PLR2004 - as many fit
