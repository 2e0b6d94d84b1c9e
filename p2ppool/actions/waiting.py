"""Waiting for a turn inside a process, without a dispatcher."""

import time
from collections.abc import Callable

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from p2ppool.actions import tickets, turns
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.turns import Turn
from p2ppool.cancel import CancelToken
from p2ppool.store.models import ACTIVE, Ticket, TicketState
from p2ppool.store.unit_of_work import reading, retry_for

_POLL = 0.2  # seconds
_NOBODY = 0  # an id that no ticket has: the first check always reports


OnWait = Callable[[Ticket, Ticket | None], object]
"""Receives a waiting ticket and the one right before it in the queue, whenever that changes."""


def wait(
    engine: Engine, ticket_id: int, watch: LeaseWatch, cancel: CancelToken, on_wait: OnWait
) -> Turn | Ticket:
    """Wait for the turn and return it, or the ticket if it ended without one, as by `cancel`.

    Meanwhile it watches the tickets before it and ends those without a living owner. If the database does not
    answer, it retries for the length of a lease.
    """
    before: int | None = _NOBODY
    while True:
        found, ahead = retry_for(lambda: _step(engine, ticket_id, watch, cancel), watch.lease)
        if isinstance(found, Turn) or found.state.ended:
            return found
        if before != (last := ahead[-1].id if ahead else None):
            before = last
            on_wait(found, ahead[-1] if ahead else None)
        time.sleep(_POLL)


def _step(
    engine: Engine, ticket_id: int, watch: LeaseWatch, cancel: CancelToken
) -> tuple[Turn | Ticket, list[Ticket]]:
    """Return the turn or the ended ticket, or the waiting one; and the tickets before it."""
    if cancel.cancelled:
        turns.cancel(engine, ticket_id, f"cancelled: {cancel.reason}")
    found = turns.start(engine, ticket_id)
    if isinstance(found, Turn) or found.state.ended:
        return found, []
    ahead = queue_before(engine, found)
    for lost in watch.check(owned(ahead)):
        turns.expire(engine, lost)
    return found, ahead


def queue_before(engine: Engine, ticket: Ticket) -> list[Ticket]:
    """List the active tickets of the same pool before `ticket` in the queue."""
    with reading(engine) as work:
        found = list(work.session.scalars(tickets.queue(ticket.pool_id)))
    ids = [other.id for other in found]
    return found[: ids.index(ticket.id)] if ticket.id in ids else []


def owned(found: list[Ticket]) -> list[Ticket]:
    """List those that should have a living owner: running ones, and waiting ones with an owner."""
    return [ticket for ticket in found if ticket.state is TicketState.RUNNING or ticket.owner is not None]


def all_owned(session: Session) -> list[Ticket]:
    """List the same for all pools."""
    query = select(Ticket).where(
        Ticket.state.in_(ACTIVE), or_(Ticket.state == TicketState.RUNNING, Ticket.owner.is_not(None))
    )
    return list(session.scalars(query))
