"""Text on the ring: host names outside, the address scale inside, and the hover texts of nodes."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.geometry import point, shorter_arc
from dashboards.figures.palette import Palette
from dashboards.figures.text import plain, short_address

_BASE32 = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648; the first letter of an address is its 32nd of the ring
)
_NAME_RADIUS = 1.09
_NAME_LIMIT = 14
_SHOWN = ["address", "local", "host", "ip", "health", "consistency", "cons", "error"]
_ROOM = 0.028  # of a turn, that a name needs for itself


def scale_labels(colours: Palette) -> go.Scatter:
    """Draw the first letters of the addresses at their places, like the hours of a clock."""
    spots = [point((place + 0.5) / len(_BASE32), 0.93) for place in range(len(_BASE32))]
    return text_at(spots, list(_BASE32), ["middle center"] * len(spots), _font(colours.muted, 9, 0.55))


def host_labels(nodes: pd.DataFrame, angles: list[float], colours: Palette) -> go.Scatter:
    """Draw names of hosts beside their nodes; of crowded nodes, only the first."""
    shown = _with_room(angles)
    spots = [point(angles[place], _NAME_RADIUS) for place in shown]
    names = [_name(nodes.iloc[place]) for place in shown]
    return text_at(spots, names, [side_of(angles[place]) for place in shown], _font(colours.muted, 11))


def hover_texts(nodes: pd.DataFrame) -> list[str]:
    """Return for each node: address, host, IP, state, consistency, links."""
    return ["<br>".join(_lines(node)) for node in nodes[_SHOWN].to_dict("records")]


def _lines(node: dict[Any, Any]) -> list[str]:
    body = plain(node["address"].rpartition(":")[2])
    known = {
        "host": "this manager" if node["local"] else node["host"],
        "ip": node["ip"],
        "state": node["health"].value.replace("_", " "),
        "consistency": None if pd.isna(node["consistency"]) else f"{node['consistency']:.2f}",
        "connections": None if pd.isna(node["cons"]) else node["cons"],
        "error": node["error"] or None,
    }
    return [
        f"<b>{body}</b>",
        *(f"{name:<11} {plain(value)}" for name, value in known.items() if value is not None),
    ]


def _name(node: Any) -> str:
    if node["local"]:
        return "local"
    name = node["host"] or short_address(node["address"])
    return plain(name if len(name) <= _NAME_LIMIT else name[: _NAME_LIMIT - 1] + "…")


def _with_room(angles: list[float]) -> list[int]:
    shown: list[int] = []
    for place, angle in enumerate(angles):
        last = shown[-1:] + shown[:1]
        if all(abs(shorter_arc(angles[other], angle)) >= _ROOM for other in last):
            shown.append(place)
    return shown


def side_of(turn: float) -> str:
    """Return the side of a node at that turn on which text is clear of the ring (Plotly's `textposition`)."""
    x, y = point(turn)
    across = "right" if x > 0.2 else "left" if x < -0.2 else "center"  # noqa: PLR2004 - nearly above or below
    along = "middle" if across != "center" else "top" if y > 0 else "bottom"
    return f"{along} {across}"


def _font(colour: str, size: int, opacity: float = 1) -> dict[str, Any]:
    return {"textfont": {"color": colour, "size": size}, "opacity": opacity}


def text_at(
    spots: list[tuple[float, float]], texts: list[str], sides: list[str], font: dict[str, Any]
) -> go.Scatter:
    """Draw texts that do not react to the pointer."""
    return go.Scatter(
        mode="text",
        x=[x for x, _ in spots],
        y=[y for _, y in spots],
        text=texts,
        textposition=sides,
        hoverinfo="skip",
        cliponaxis=False,
        **font,
    )
