"""The legend of a ring with counts, and its description for screen readers."""

from typing import Any

import pandas as pd
from dash import html

from dashboards.web.text import counted
from p2ppool.reports.nodes.nodes import Health

HEALTH_TEXT = {
    Health.CONSISTENT: "consistent: all neighbours agree",
    Health.INCONSISTENT: "inconsistent: a neighbour does not name it in return",
    Health.SILENT: "silent: no answer",
    Health.GHOST: "ghost: another node answers for it",
    Health.LEFT_OVER: "left over: the crawl ended before asking it",
}


def key(nodes: pd.DataFrame, broken: int) -> list[Any]:
    """Build the legend with counts; `broken` links are not returned."""
    counts = nodes["health"].value_counts()
    items = [
        html.Li([sign(health.value), html.B(int(counts[health])), html.Span(HEALTH_TEXT[health])])
        for health in Health
        if health in counts
    ]
    if nodes["local"].any():
        items.append(html.Li([sign("local"), html.B(""), html.Span("the manager's own node")]))
    links = html.Li([sign("broken"), html.B(broken), html.Span("links that are not returned")])
    return [html.H3(counted(len(nodes), "node")), html.Ul([*items, links], className="key")]


def sign(name: str) -> html.I:
    """Build the sign of a health status, of `local`, or of `broken`."""
    return html.I(className=f"sign {name}")


def describe_ring(nodes: pd.DataFrame, broken: int) -> str:
    """Describe the ring for screen readers."""
    counts = nodes["health"].value_counts()
    states = ", ".join(
        f"{counts[health]} {health.replace('_', ' ')}" for health in Health if health in counts
    )
    return f"Ring of {counted(len(nodes), 'node')}: {states}; {counted(broken, 'link')} not returned"
