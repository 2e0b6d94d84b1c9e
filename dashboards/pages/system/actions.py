"""The marked actions as a list, for keyboards, phones and those who do not see the figure."""

from collections.abc import Sequence
from typing import Final

from dash import html

from dashboards.components.tickets import TONES, said
from dashboards.web.text import counted
from p2ppool.reports.actions.annotations import Mark

_MOST: Final = 100
"""Actions that are listed, the latest."""


def action_list(marks: Sequence[Mark]) -> html.Details | None:
    """A list to unfold, the latest first; None where nothing is marked."""
    if not marks:
        return None
    over = f", of which the latest {_MOST} are listed" if len(marks) > _MOST else ""
    latest = [_item(mark) for mark in reversed(marks[-_MOST:])]
    return html.Details(
        [html.Summary(f"{counted(len(marks), 'marked action')}{over}"), html.Ul(latest)],
        className="system-actions",
    )


def _item(mark: Mark) -> html.Li:
    return html.Li(
        [
            html.Span(f"{mark.at:%Y-%m-%d %H:%M}", className="quiet"),
            html.B(said(mark.action)),
            html.Span(mark.state.value, className=f"badge {TONES[mark.state]}"),
            html.Span(said(mark.message)),
            html.Span(f"by {said(mark.requester)}, ticket {mark.ticket}", className="quiet"),
        ]
    )
