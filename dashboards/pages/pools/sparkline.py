"""The last crawls as a small picture: answering nodes as an area, consistency as a line.

An image can't know the theme, so the shape is a mask through which the style sheet's colours show.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from dash import html

from dashboards.web.text import consistency, counted
from dashboards.web.untyped import labelled
from p2ppool.reports.crawls.recent import CrawlPoint

_WIDTH: Final = 100
_HEIGHT: Final = 30
_EDGE: Final = 2  # above and below, so that a line at the edge is whole
_FEWEST: Final = 2  # crawls that make a line


def sparkline(crawls: Sequence[CrawlPoint]) -> html.Div | None:
    """Build the picture; None if there are too few crawls."""
    if len(crawls) < _FEWEST:
        return None
    most = max(1, *(max(point.expected, point.answered) for point in crawls))
    nodes = [point.answered / most for point in crawls]
    return html.Div(
        [
            html.Div(className="spark-nodes", style=_mask(_area(nodes))),
            html.Div(
                className="spark-consistency", style=_mask(_line([point.consistency for point in crawls]))
            ),
        ],
        className="spark",
        role="img",
        title=_description(crawls),
        **labelled(_description(crawls)),
    )


def _description(crawls: Sequence[CrawlPoint]) -> str:
    first, last = crawls[0], crawls[-1]
    lowest = min((point.consistency for point in crawls if point.consistency is not None), default=None)
    return (
        f"Last {counted(len(crawls), 'crawl')} since {first.started_at:%Y-%m-%d %H:%M} UTC: "
        f"{first.answered} to {counted(last.answered, 'node')}, consistency {consistency(last.consistency)}, "
        f"lowest {consistency(lowest)}"
    )


def _mask(shape: str) -> dict[str, Any]:
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'preserveAspectRatio="none">{shape}</svg>'
    )
    return {"maskImage": f'url("data:image/svg+xml,{quote(picture)}")'}


def _area(shares: Sequence[float]) -> str:
    points = " L".join(f"{x:g} {y:g}" for x, y in _places(shares))
    return f'<path d="M0 {_HEIGHT} L{points} L{_WIDTH} {_HEIGHT}Z"/>'


def _line(values: Sequence[float | None]) -> str:
    """Draw a line through all values, interrupted where one is missing."""
    pieces: list[str] = []
    pen = "M"
    for (x, y), value in zip(_places([value or 0 for value in values]), values, strict=True):
        if value is not None:
            pieces.append(f"{pen}{x:g} {y:g}")
        pen = "M" if value is None else "L"
    return (
        f'<path d="{" ".join(pieces)}" fill="none" stroke="#000" stroke-width="2" stroke-linejoin="round" '
        'stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
    )


def _places(shares: Sequence[float]) -> Iterator[tuple[float, float]]:
    for number, share in enumerate(shares):
        height = _HEIGHT - 2 * _EDGE
        yield round(_WIDTH * number / (len(shares) - 1), 2), round(_HEIGHT - _EDGE - height * share, 2)
