"""A range of crawls as one narrow figure: consistency and nodes as lines, churn as bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.figures.palette import Palette
from dashboards.web import text
from p2ppool.reports.crawls.crawl_range import CrawlEntry
from p2ppool.reports.nodes.churn import Turnover

_ROOM = 0.04  # of consistency, above the highest and below the lowest
_LOW = 0.8  # consistency that has its place even where it never was as low


def convergence_figure(
    crawls: Sequence[CrawlEntry], turnovers: Mapping[int, Turnover], colours: Palette
) -> go.Figure:
    """Draw the figure over the slider of these crawls: they are evenly spaced, the first at 0.

    Args:
        crawls: in order.
        turnovers: the nodes that came and went with each, by its id, if known.
        colours: the theme's.
    """
    places = list(range(len(crawls)))
    steps = [turnovers.get(entry.summary.id) for entry in crawls]
    texts = [_text(entry, step) for entry, step in zip(crawls, steps, strict=True)]
    figure = go.Figure(layout=_layout(crawls, colours))
    nodes = [entry.summary.answered for entry in crawls]
    figure.add_trace(_line("nodes", places, nodes, colours.muted, 1.4, dash="dot", yaxis="y2"))
    confirmed = [entry.summary.consistency for entry in crawls]
    figure.add_trace(_line("consistency", places, confirmed, colours.consistent, 2.2, mode="lines+markers"))
    figure.add_trace(_bars("came", places, [step.came if step else 0 for step in steps], colours.shortcut))
    figure.add_trace(_bars("went", places, [-step.went if step else 0 for step in steps], colours.silent))
    # One invisible trace that reacts to pointing and clicks anywhere above a crawl.
    figure.add_trace(_ground(places, texts))
    return figure


def _layout(crawls: Sequence[CrawlEntry], colours: Palette) -> dict[str, Any]:
    count = len(crawls)
    low = min([_LOW, *(entry.summary.consistency or 0 for entry in crawls)])
    most = max([1, *(entry.summary.answered for entry in crawls)])
    axis = {"visible": False, "fixedrange": True}
    half = 0.5 if count == 1 else 0.0
    return {
        "xaxis": {**axis, "range": [-half, max(count - 1, 0) + half]},
        "yaxis": {**axis, "domain": [0.4, 1], "range": [low - _ROOM, 1 + _ROOM]},
        "yaxis2": {**axis, "overlaying": "y", "range": [0, 1.6 * most]},
        "yaxis3": {**axis, "domain": [0, 0.36], "zeroline": True},
        "yaxis4": {**axis, "overlaying": "y", "range": [0, 1]},
        "margin": {"l": 0, "r": 0, "t": 4, "b": 2},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "barmode": "relative",
        "bargap": 0.45,
        "hovermode": "x",
        "dragmode": False,
        "shapes": [_zero(colours)],
        "font": {"family": "system-ui, sans-serif", "color": colours.ink},
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.line,
            "font": {"size": 12, "color": colours.ink},
            "align": "left",
        },
    }


def _zero(colours: Palette) -> dict[str, Any]:
    line = {"color": colours.line, "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y3", "y0": 0, "y1": 0, "line": line}


def _line(name: str, x: list[int], y: list[Any], colour: str, width: float, **more: Any) -> go.Scatter:
    style = {"color": colour, "width": width, "dash": more.pop("dash", "solid")}
    return go.Scatter(
        **{"mode": "lines", **more},
        name=name,
        x=x,
        y=y,
        line=style,
        marker={"size": 5, "color": colour},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _bars(name: str, x: list[int], y: list[int], colour: str) -> go.Bar:
    return go.Bar(name=name, x=x, y=y, marker={"color": colour}, yaxis="y3", hoverinfo="skip")


def _ground(x: list[int], texts: list[str]) -> go.Scatter:
    return go.Scatter(
        name="crawls",
        x=x,
        y=[0.5] * len(x),
        yaxis="y4",
        mode="markers",
        marker={"size": 1, "opacity": 0},
        hovertext=texts,
        hoverinfo="text",
    )


def _text(entry: CrawlEntry, step: Turnover | None) -> str:
    sums = entry.summary
    lines = [
        f"<b>{sums.started_at:%Y-%m-%d %H:%M} UTC</b>",
        f"consistency {text.consistency(sums.consistency)}",
        f"{sums.own} of {text.counted(sums.expected, 'node')} answered{sums.and_others}",
        f"{step.came} came, {step.went} went" if step else "",
        "" if sums.complete else "cut short",
        "its nodes are no longer kept" if entry.downsampled else "",
    ]
    return "<br>".join(line for line in lines if line)
