"""What was asked of the pool lately, and how it went."""

from typing import Any
from uuid import UUID

from dash import Dash, Input, Output, State, html

from dashboards import context
from dashboards.identifiers import ident
from dashboards.pages.pool.parts import ACTIVITY, NAME, PAGE
from dashboards.progress import progress
from dashboards.words import age, duration
from p2ppool.reports.tickets import TicketRecord, recent_tickets
from p2ppool.store.models import TicketState

_LIST = ident(PAGE, "actions")
_TONES = {
    TicketState.WAITING: "idle",
    TicketState.RUNNING: "busy",
    TicketState.DONE: "good",
    TicketState.PARTIAL: "watch",
    TicketState.FAILED: "bad",
    TicketState.CANCELLED: "idle",
}


def layout() -> html.Div:
    """The place; a callback fills it."""
    return html.Div(id=_LIST)


def register(app: Dash) -> None:
    """Fill it with each change of a ticket."""
    app.callback(Output(_LIST, "children"), Input(ACTIVITY, "data"), State(NAME, "data"))(_fill)


def _fill(_activity: str, name: str) -> Any:
    tickets = recent_tickets(context.engine(), name)
    if not tickets:
        return html.P("Nothing was asked of this pool yet.", className="quiet")
    return html.Ol([_item(ticket) for ticket in tickets], className="actions")


def _item(ticket: TicketRecord) -> html.Li:
    running = ticket.state is TicketState.RUNNING
    return html.Li(
        [
            html.Span(ticket.state.value, className=f"badge {_TONES[ticket.state]}"),
            html.B(ticket.action),
            html.Span(ticket.message, className="message"),
            html.Span(_when(ticket), className="quiet when"),
            progress(ticket) if running else None,
        ]
    )


def _when(ticket: TicketRecord) -> list[Any]:
    took = f" · {duration(_seconds(ticket))}" if ticket.started_at and ticket.ended_at else ""
    return [age(ticket.requested_at), f"{took} · {ticket.requester}", *_run(ticket)]


def _seconds(ticket: TicketRecord) -> float:
    if ticket.started_at is None or ticket.ended_at is None:
        return 0.0
    return (ticket.ended_at - ticket.started_at).total_seconds()


def _run(ticket: TicketRecord) -> list[Any]:
    """A link to the Prefect run, where the ticket names one: only an id gets into an address."""
    try:
        run = UUID(ticket.flow_run or "")
    except ValueError:
        return []
    href = f"{context.settings().prefect_url}/runs/flow-run/{run}"
    return [" · ", html.A("run", href=href, target="_blank", rel="noopener noreferrer")]
