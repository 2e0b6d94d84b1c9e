"""The marked actions as a list, for keyboards, phones and screen readers."""

from collections.abc import Sequence
from typing import Final

from dash import html

from dashboards.components.tickets import TONES, brief
from dashboards.web.text import counted
from p2ppool.reports.actions.annotations import Annotation

_MOST: Final = 100
"""Number of listed actions, the latest."""


def action_list(annotations: Sequence[Annotation]) -> html.Details | None:
    """Build a collapsed list, the latest first; None if no action is marked."""
    if not annotations:
        return None
    over = f", of which the latest {_MOST} are listed" if len(annotations) > _MOST else ""
    latest = [_item(annotation) for annotation in reversed(annotations[-_MOST:])]
    return html.Details(
        [html.Summary(f"{counted(len(annotations), 'marked action')}{over}"), html.Ul(latest)],
        className="system-actions",
    )


def _item(annotation: Annotation) -> html.Li:
    return html.Li(
        [
            html.Span(f"{annotation.at:%Y-%m-%d %H:%M}", className="quiet"),
            html.B(brief(annotation.action)),
            html.Span(annotation.state.value, className=f"badge {TONES[annotation.state]}"),
            html.Span(brief(annotation.message)),
            html.Span(f"by {brief(annotation.requester)}, ticket {annotation.ticket}", className="quiet"),
        ]
    )
