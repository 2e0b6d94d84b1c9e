"""How far a running action is, and how many wait for it to end."""

from typing import Any

from dash import html

from dashboards.web.text import counted
from dashboards.web.untyped import labelled
from p2ppool.reports.actions.tickets import TicketRecord


def progress(ticket: TicketRecord, waiting: int = 0) -> html.Div:
    """Action, bar and numbers in one line: `install ▬▬ 3 of 8 · 2 wait`."""
    told = [numbers(ticket), *(["ending"] if ticket.cancel else []), *queued(waiting)]
    return html.Div(
        [
            html.Span(ticket.action, className="action"),
            html.Progress(**measures(ticket)),
            html.Span(" · ".join(told), className="numbers"),
        ],
        className="progress",
    )


def measures(ticket: TicketRecord) -> dict[str, Any]:
    """The properties of its bar; one without an end where the total is not known yet."""
    ends = (str(ticket.done), str(ticket.total)) if ticket.total else (None, None)
    return dict(zip(("value", "max"), ends, strict=True)) | labelled(f"{ticket.action}: {numbers(ticket)}")


def numbers(ticket: TicketRecord) -> str:
    """`3 of 8`, of hosts or nodes."""
    return f"{ticket.done} of {ticket.total}" if ticket.total else "starting"


def queued(waiting: int) -> list[str]:
    """`2 wait`; nothing where none does."""
    return [counted(waiting, "waits", "wait")] if waiting else []
