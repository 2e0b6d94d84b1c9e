"""How far a running action is."""

from typing import Any

from dash import html

from dashboards.untyped import labelled
from p2ppool.reports.tickets import TicketRecord


def progress(ticket: TicketRecord) -> html.Div:
    """Action, bar and numbers; a bar without an end where the total is not known yet."""
    numbers = f"{ticket.done} of {ticket.total}" if ticket.total else "starting"
    bar: dict[str, Any] = {"value": str(ticket.done), "max": str(ticket.total)} if ticket.total else {}
    return html.Div(
        [
            html.Span(ticket.action, className="action"),
            html.Progress(**bar, **labelled(f"{ticket.action}: {numbers}")),
            html.Span(numbers, className="numbers"),
        ],
        className="progress",
    )
