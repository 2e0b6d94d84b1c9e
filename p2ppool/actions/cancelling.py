"""Cancelling by a manager: a preemption without another ticket."""

from sqlalchemy import Engine

from p2ppool.actions import turns
from p2ppool.errors import UserError
from p2ppool.store.models import Ticket
from p2ppool.store.unit_of_work import reading


def cancel_ticket(engine: Engine, ticket_id: int, who: str) -> Ticket:
    """Cancel a ticket that waits or runs, and return its new state.

    Raises:
        UserError: there is no such ticket, or it has ended.
    """
    with reading(engine) as work:
        ticket = work.session.get(Ticket, ticket_id)
    if ticket is None:
        raise UserError(f"there is no ticket {ticket_id}: `p2ppool actions` lists them")
    if ticket.state.ended:
        raise UserError(f"{ticket.action} (ticket {ticket_id}) has already ended: {ticket.message}")
    return turns.cancel(engine, ticket_id, f"cancelled by {who}")
