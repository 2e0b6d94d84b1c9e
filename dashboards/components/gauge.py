"""A small ring that shows the share of the expected nodes that answered, with the consistency inside."""

from dash import html

from dashboards.components.health_badge import HealthStatus
from dashboards.web.text import consistency
from dashboards.web.untyped import labelled
from p2ppool.reports.crawls.snapshots import SnapshotSummary


def gauge(last: SnapshotSummary | None, health_status: HealthStatus) -> html.Div:
    """Build the gauge, which the style sheet draws from one number; its label has the text for screen
    readers.
    """
    share = min(1.0, last.own / last.expected) if last and last.expected else 0.0
    number = consistency(last.consistency) if last else "–"  # noqa: RUF001 - a dash for "no number"
    return html.Div(
        html.Span(number, title="consistency"),
        className=f"gauge {health_status.tone}",
        style={"--share": f"{share:.4f}"},
        role="img",
        **labelled(f"consistency {number}, {share:.0%} of the nodes answered"),
    )
