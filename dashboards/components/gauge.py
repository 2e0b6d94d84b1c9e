"""A small ring that shows how many of the expected nodes answered, with the consistency in its middle."""

from dash import html

from dashboards.components.health_badge import HealthStatus
from dashboards.web.text import consistency
from dashboards.web.untyped import labelled
from p2ppool.reports.crawls.snapshots import SnapshotSummary


def gauge(last: SnapshotSummary | None, health_status: HealthStatus) -> html.Div:
    """Drawn by the style sheet from one number; the words for readers who don't see it are in its label."""
    share = min(1.0, last.answered / last.expected) if last and last.expected else 0.0
    number = consistency(last.consistency) if last else "–"  # noqa: RUF001 - a dash for "no number"
    return html.Div(
        html.Span(number, title="consistency"),
        className=f"gauge {health_status.tone}",
        style={"--share": f"{share:.4f}"},
        role="img",
        **labelled(f"consistency {number}, {share:.0%} of the nodes answered"),
    )
