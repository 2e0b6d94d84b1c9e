"""One node over time: its state as a strip, below it consistency, connections and round trip."""

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.palette import Palette
from p2ppool.reports.nodes.nodes import Health

MOST_POINTS: Final = 600
"""With more crawls, each point stands for several: their means, and the worst of their states."""

_WORST_FIRST: Final = (
    *(Health.GHOST, Health.SILENT, Health.INCONSISTENT, Health.LEFT_OVER, Health.CONSISTENT),
)
_MEASURES: Final = ("consistency", "cons", "tcp", "udp", "tunnel", "milliseconds")
_ROWS: Final = {"y": (0.9, 0.96), "y2": (0.63, 0.83), "y3": (0.32, 0.56), "y4": (0.0, 0.25)}


def history_figure(history: pd.DataFrame, colours: Palette) -> go.Figure:
    """Draw the figure of a frame of p2ppool.reports.nodes.node_history.node_history."""
    drawn = downsampled(history)
    figure = go.Figure(layout=_layout(colours))
    figure.add_traces([*_states(drawn, colours), *_lines(drawn, colours)])
    return figure


def downsampled(history: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Return at most so many points (`at`, `crawls`, `health` and measures), each of equally many crawls."""
    frame = history.assign(milliseconds=history["seconds"] * 1000)
    numbers = frame[list(_MEASURES)].astype("float64")
    ranks = frame["health"].map({health.value: rank for rank, health in enumerate(_WORST_FIRST)})
    each = -(-len(frame) // most) or 1
    group = pd.RangeIndex(len(frame)) // each
    means = numbers.groupby(group).mean()
    worst = ranks.astype("int64").groupby(group).min().map(lambda rank: _WORST_FIRST[rank].value)
    times = frame["at"].groupby(group)
    return means.assign(at=times.first(), crawls=times.size(), health=worst)


def _states(drawn: pd.DataFrame, colours: Palette) -> list[go.Scatter]:
    """Draw a strip of strokes; worse states are also taller, so colour is not the only sign."""
    sizes = {Health.CONSISTENT: 9, Health.LEFT_OVER: 9, Health.INCONSISTENT: 14}
    return [
        go.Scatter(
            x=found["at"],
            y=[0] * len(found),
            name=health.value.replace("_", " "),
            mode="markers",
            yaxis="y",
            marker=_mark(getattr(colours, health.value), sizes.get(health, 20)),
            hovertemplate="%{fullData.name}<extra></extra>",
        )
        for health in Health
        if len(found := drawn[drawn["health"] == health.value])
    ]


def _mark(colour: str, size: int) -> dict[str, Any]:
    return {"symbol": "line-ns-open", "size": size, "color": colour, "line": {"color": colour, "width": 3}}


def _lines(drawn: pd.DataFrame, colours: Palette) -> list[go.Scatter]:
    styles = (
        ("consistency", "y2", colours.consistent, "solid", ".2f"),
        ("cons", "y3", colours.ink, "solid", ".1~f"),
        ("tcp", "y3", colours.shortcut, "solid", ".1~f"),
        ("udp", "y3", colours.consistent, "dash", ".1~f"),
        ("tunnel", "y3", colours.ghost, "dot", ".1~f"),
        ("milliseconds", "y4", colours.shortcut, "solid", ".1f"),
    )
    names = {"cons": "all", "tcp": "TCP", "udp": "UDP", "milliseconds": "ms"}
    mode = "lines+markers" if len(drawn) < 60 else "lines"  # noqa: PLR2004 - points that do not touch
    return [
        go.Scatter(
            x=drawn["at"],
            y=drawn[measure].round(4),
            name=names.get(measure, measure),
            mode=mode,
            yaxis=axis,
            line={"color": colour, "width": 1.8, "dash": dash},
            marker={"size": 4},
            hovertemplate=f"%{{fullData.name}} %{{y:{form}}}<extra></extra>",
        )
        for measure, axis, colour, dash, form in styles
    ]


def _layout(colours: Palette) -> dict[str, Any]:
    axes = {f"yaxis{axis[1:]}": _y_axis(axis, colours) for axis in _ROWS}
    return {
        **axes,
        "xaxis": {
            "gridcolor": colours.line,
            "linecolor": colours.line,
            "anchor": "y4",
            "hoverformat": "%Y-%m-%d %H:%M:%S UTC",
            "type": "date",
        },
        "annotations": [_title(text, _ROWS[axis][1], colours) for axis, text in _titles(colours).items()],
        "margin": {"l": 44, "r": 8, "t": 8, "b": 30},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "uirevision": "history",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": colours.muted},
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.line,
            "font": {"color": colours.ink},
        },
    }


def _y_axis(axis: str, colours: Palette) -> dict[str, Any]:
    common = {"domain": list(_ROWS[axis]), "gridcolor": colours.line, "zeroline": False, "fixedrange": True}
    if axis == "y":
        return common | {"visible": False, "range": [-1, 1]}
    if axis == "y2":
        return common | {"range": [-0.04, 1.06], "tickvals": [0, 0.5, 1]}
    return common | {"rangemode": "tozero", "nticks": 4}


def _titles(colours: Palette) -> dict[str, str]:
    """Return the titles of the rows; they name the lines in their colours, so no legend is needed."""
    kinds = {"TCP": colours.shortcut, "UDP": colours.consistent, "tunnel": colours.ghost}
    named = ", ".join(f'<span style="color:{colour}">{name}</span>' for name, colour in kinds.items())
    return {
        "y": "State",
        "y2": "Consistency",
        "y3": f"Connections: all, {named}",
        "y4": "Round trip, ms",
    }


def _title(text: str, top: float, colours: Palette) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 3,
        "showarrow": False,
        "font": {"size": 12.5, "color": colours.ink, "weight": 600},
    }
