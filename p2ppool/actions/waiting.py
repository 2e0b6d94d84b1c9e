"""Waiting for a turn inside a process, with no need of anybody who calls it up."""

import time
from collections.abc import Callable

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from p2ppool.actions import tickets, turns
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.turns import Turn
from p2ppool.cancel import CancelToken
from p2ppool.store.models import ACTIVE, Ticket, TicketState
from p2ppool.store.unit_of_work import patiently, reading

_POLL = 0.2  # seconds
_NOBODY = 0  # an id that no ticket has: the first look always tells


OnWait = Callable[[Ticket, Ticket | None], object]
"""Gets a waiting ticket and the one right before it in the queue, whenever that is another one."""


def wait(
    engine: Engine, ticket_id: int, watch: LeaseWatch, cancel: CancelToken, on_wait: OnWait
) -> Turn | Ticket:
    """The turn once it has come, or the ticket where it ended without one, as by `cancel`.

    Meanwhile it watches those before it and ends them where nobody looks after them any more. A database
    that does not answer is waited for as long as a lease.
    """
    before: int | None = _NOBODY
    while True:
        found, ahead = patiently(lambda: _step(engine, ticket_id, watch, cancel), watch.lease)
        if isinstance(found, Turn) or found.state.ended:
            return found
        if before != (last := ahead[-1].id if ahead else None):
            before = last
            on_wait(found, ahead[-1] if ahead else None)
        time.sleep(_POLL)


def _step(
    engine: Engine, ticket_id: int, watch: LeaseWatch, cancel: CancelToken
) -> tuple[Turn | Ticket, list[Ticket]]:
    """What `wait` is after, or the ticket as it waits; and the tickets before it."""
    if cancel.cancelled:
        turns.cancel(engine, ticket_id, f"cancelled: {cancel.reason}")
    found = turns.start(engine, ticket_id)
    if isinstance(found, Turn) or found.state.ended:
        return found, []
    ahead = queue_before(engine, found)
    for lost in watch.look(owned(ahead)):
        turns.expire(engine, lost)
    return found, ahead


def queue_before(engine: Engine, ticket: Ticket) -> list[Ticket]:
    """The active tickets of the same pool whose turn is before that of `ticket`."""
    with reading(engine) as work:
        found = list(work.session.scalars(tickets.queue(ticket.pool_id)))
    ids = [other.id for other in found]
    return found[: ids.index(ticket.id)] if ticket.id in ids else []


def owned(found: list[Ticket]) -> list[Ticket]:
    """Those that a process has to look after: the running ones, and the waiting ones that have one."""
    return [ticket for ticket in found if ticket.state is TicketState.RUNNING or ticket.owner is not None]


def all_owned(session: Session) -> list[Ticket]:
    """The same of all pools."""
    query = select(Ticket).where(
        Ticket.state.in_(ACTIVE), or_(Ticket.state == TicketState.RUNNING, Ticket.owner.is_not(None))
    )
    return list(session.scalars(query))
