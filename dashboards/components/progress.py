"""The progress of a running action, and the number of actions that wait for it."""

from typing import Any

from dash import html

from dashboards.web.text import counted
from dashboards.web.untyped import labelled
from p2ppool.reports.actions.tickets import TicketRecord


def progress(ticket: TicketRecord, waiting: int = 0) -> html.Div:
    """Build one line with action, bar and numbers: `install ▬▬ 3 of 8 · 2 wait`."""
    texts = [numbers(ticket), *(["being cancelled"] if ticket.cancel else []), *queued(waiting)]
    return html.Div(
        [
            html.Span(ticket.action, className="action"),
            html.Progress(**measures(ticket)),
            html.Span(" · ".join(texts), className="numbers"),
        ],
        className="progress",
    )


def measures(ticket: TicketRecord) -> dict[str, Any]:
    """Return the bar's properties; without an end while the total is unknown."""
    ends = (str(ticket.done), str(ticket.total)) if ticket.total else (None, None)
    return dict(zip(("value", "max"), ends, strict=True)) | labelled(f"{ticket.action}: {numbers(ticket)}")


def numbers(ticket: TicketRecord) -> str:
    """Format the progress in hosts or nodes: `3 of 8`."""
    return f"{ticket.done} of {ticket.total}" if ticket.total else "starting"


def queued(waiting: int) -> list[str]:
    """Format the number of waiting actions: `2 wait`, or nothing if there are none."""
    return [counted(waiting, "waits", "wait")] if waiting else []
