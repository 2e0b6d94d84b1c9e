"""One crawl in one answer: the figure of its ring and the texts beside it.

The browser keeps such answers and requests those next to the one it shows, so that moving from crawl to crawl
is fast (assets/ring.js).
"""

import json
from typing import Any, Final

from dash import html
from flask import Blueprint, Response, request
from plotly.utils import PlotlyJSONEncoder

from dashboards.components.ring_legend import describe_ring, key
from dashboards.figures.geometry import Spacing
from dashboards.figures.links import LinkRole, links_of
from dashboards.figures.palette import palette
from dashboards.figures.ring import ring_figure
from dashboards.pages.ring.focus_figure import FocusView, focus
from dashboards.web import context
from dashboards.web.access import for_pool
from dashboards.web.text import consistency, counted
from p2ppool.actions.permissions.table import Act
from p2ppool.reports.crawls.crawl_range import CrawlEntry, crawls
from p2ppool.reports.nodes.nodes import snapshot_nodes

frames = Blueprint("ring-frames", __name__)

LARGEST_ID: Final = 2**63 - 1  # of the database


@frames.get("/pools/<pool>/ring/frame")
@for_pool(Act.LOOK)
def answer(pool: str) -> Response:
    """Return the crawl `crawl` of the pool as JSON, drawn by the other parameters; 404 if there is none.

    They are `theme`, `spacing`, `kinds` (separated by commas), `node` (an address) and `view`.
    """
    number = request.args.get("crawl", type=int)
    known = [] if number is None or not 0 <= number <= LARGEST_ID else [number]
    found = crawls(context.engine(), pool, known)
    if not found:
        return Response('"There is no such crawl."\n', status=404, mimetype="application/json")
    text = json.dumps(_frame(found[0]), cls=PlotlyJSONEncoder)
    return Response(text, mimetype="application/json", headers={"Cache-Control": "private, no-store"})


def _frame(found: CrawlEntry) -> dict[str, Any]:
    nodes = snapshot_nodes(context.engine(), found.summary.id)
    broken = len(links_of(nodes).broken)
    arguments = request.args
    spacing = _one(Spacing, arguments.get("spacing"), Spacing.ADDRESS)
    kinds = [LinkRole(name) for name in arguments.get("kinds", "").split(",") if name in set(LinkRole)]
    colours = palette(arguments.get("theme"))
    figure = ring_figure(nodes, found.summary.consistency, colours, spacing=spacing, kinds=kinds)
    view = _one(FocusView, arguments.get("view"), FocusView.NEAR)
    node = arguments.get("node")
    lifted = bool(node) and focus(figure, nodes, node or "", colours, spacing=spacing, view=view)
    return {
        "figure": figure,
        "label": f"{_time(found)}. {describe_ring(nodes, broken) if found.has_nodes else _why_empty(found)}",
        "caption": _caption(found),
        "key": key(nodes, broken) if found.has_nodes else [],
        "note": None if found.has_nodes else html.P(_why_empty(found)),
        "focused": lifted,
    }


def _one(kinds: Any, value: str | None, default: Any) -> Any:
    return kinds(value) if value in set(kinds) else default


def _time(found: CrawlEntry) -> str:
    return f"Crawl of {found.summary.started_at:%Y-%m-%d %H:%M:%S} UTC"


def _caption(found: CrawlEntry) -> list[Any]:
    sums = found.summary
    facts = [
        f"{sums.own} of {counted(sums.expected, 'node')} answered{sums.and_others}",
        f"consistency {consistency(sums.consistency)}",
        *([] if sums.complete else [f"cut short ({sums.reason.replace('_', ' ')})"]),
    ]
    return [html.B(_time(found)), *(html.Span(fact) for fact in facts)]


def _why_empty(found: CrawlEntry) -> str:
    if not found.downsampled:
        return "This crawl found no node."
    sums = found.summary
    return (
        "The nodes of this crawl are no longer kept: old samples were deleted. "
        f"Its totals: {sums.answered} of {counted(found.found, 'node')} answered, "
        f"consistency {consistency(sums.consistency)}."
    )
