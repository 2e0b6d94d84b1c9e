"""A turn is the time during which a ticket holds its pool. Every change of one is a single transaction."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, select, update
from sqlalchemy.orm import Session

from p2ppool.actions import messages, rules, tickets
from p2ppool.actions.leases import Lost
from p2ppool.actions.permissions import requester
from p2ppool.store.models import ACTIVE, Pool, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork


class TurnLost(Exception):  # noqa: N818 - not an error: another process has taken over
    """The turn belongs to another process now: nothing may be written or done for it."""


@dataclass(frozen=True)
class Turn:
    """A pool held by a ticket. The fence is higher than that of every earlier turn of this pool."""

    ticket_id: int
    pool_id: int
    fence: int


def claim(engine: Engine, ticket_id: int, process: str) -> Ticket:
    """Make `process` the owner of a waiting ticket, so that its death is noticed; return the ticket.

    Raises:
        TurnLost: another process owns it.
    """
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        if not ticket.state.ended:
            if ticket.owner not in {None, process}:
                raise TurnLost(f"ticket {ticket_id} belongs to another process")
            ticket.owner = process
            ticket.heartbeat += 1
            work.commit()
        return ticket


def start(engine: Engine, ticket_id: int) -> Turn | Ticket:
    """Start the turn if it has come; else return the ticket, waiting or ended."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        pool = work.session.get_one(Pool, ticket.pool_id)
        if ticket.state is not TicketState.WAITING:
            return ticket
        ticket.heartbeat += 1
        first = work.session.scalars(tickets.queue(pool.id).limit(1)).one()
        if first is not ticket:
            work.commit()
            return ticket
        turn = _begin(work.session, ticket, pool)
        work.commit()
        return turn or ticket


def renew(engine: Engine, turn: Turn) -> str | None:
    """Renew the lease; return the reason to stop, if there is one.

    Raises:
        TurnLost: it was considered dead, and another ticket may hold the pool.
    """
    with UnitOfWork(engine, durable=False) as work:
        beating = update(Ticket).where(*_holds(turn)).values(heartbeat=Ticket.heartbeat + 1)
        notified = work.session.scalars(beating.returning(Ticket.cancel)).all()
        if not notified:
            raise TurnLost(f"ticket {turn.ticket_id} no longer holds its pool")
        work.commit()
        return notified[0]


def progress(engine: Engine, turn: Turn, done: int, total: int) -> None:
    """Record the progress: `done` of `total` hosts or nodes. A lost turn records nothing."""
    with UnitOfWork(engine, durable=False) as work:
        work.session.execute(update(Ticket).where(*_holds(turn)).values(done=done, total=total))
        work.commit()


def require(session: Session, turn: Turn) -> None:
    """Require that the turn holds its pool until the transaction ends: before every write of results.

    Raises:
        TurnLost: it does not.
    """
    tickets.lock(session, turn.pool_id)
    if session.scalar(select(Ticket.id).where(*_holds(turn))) is None:
        raise TurnLost(f"ticket {turn.ticket_id} no longer holds its pool")


def raise_fence(engine: Engine, turn: Turn, above: int) -> Turn:
    """Go on under a fence above one that a host has seen, though our database never gave it.

    Raises:
        TurnLost: the turn is somebody else's now, so that fence is simply a later one.
    """
    with UnitOfWork(engine) as work:
        require(work.session, turn)
        pool = work.session.get_one(Pool, turn.pool_id)
        ticket = work.session.get_one(Ticket, turn.ticket_id)
        pool.fence = ticket.fence = above + 1
        work.commit()
        return Turn(turn.ticket_id, turn.pool_id, above + 1)


def end(engine: Engine, ticket_id: int, state: TicketState, message: str) -> Ticket:
    """End the ticket and its turn, unless it has already ended; return the ticket."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        if not ticket.state.ended:
            tickets.end(ticket, state, message)
            work.commit()
        return ticket


def cancel(engine: Engine, ticket_id: int, why: str) -> Ticket:
    """End a waiting ticket, or ask a running one to stop; return the ticket."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        if ticket.state is TicketState.WAITING:
            tickets.end(ticket, TicketState.CANCELLED, f"{why}, before it started")
        elif ticket.state is TicketState.RUNNING and ticket.cancel is None:
            ticket.cancel = why
        work.commit()
        return ticket


def expire(engine: Engine, lost: Lost) -> bool:
    """End a ticket without a living owner as crashed; False if it turns out to be alive."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, lost.ticket_id)
        if ticket.state not in ACTIVE or ticket.heartbeat != lost.heartbeat:
            return False
        tickets.end(ticket, TicketState.CRASHED, messages.crashed(ticket, lost.why))
        ticket.notified = ticket.flow_run is None
        work.commit()
        return True


def _begin(session: Session, ticket: Ticket, pool: Pool) -> Turn | None:
    """Give the pool to the ticket; None if the pool's state or its requesters' roles do not allow that."""
    why = rules.refusal(ticket.action, pool.state)
    if why := why or requester.refusal(session, _requesters(session, ticket), ticket.action, pool.name):
        tickets.end(ticket, TicketState.REFUSED, why)
        return None
    pool.fence += 1
    pool.state = rules.state_after(ticket.action, pool.state)
    ticket.state, ticket.started_at, ticket.fence = TicketState.RUNNING, now(), pool.fence
    return Turn(ticket.id, pool.id, pool.fence)


def _requesters(session: Session, ticket: Ticket) -> list[str]:
    """Return who wants it: its requester, and those whose requests were merged into it."""
    merged = select(Ticket.requester).where(Ticket.merged_into == ticket.id).order_by(Ticket.id)
    return [ticket.requester, *session.scalars(merged)]


def _locked(session: Session, ticket_id: int) -> Ticket:
    """Lock the pool, then read the ticket; wait for a renewal, which only locks the ticket."""
    pool_id = session.scalars(select(Ticket.pool_id).where(Ticket.id == ticket_id)).one()
    tickets.lock(session, pool_id)
    return session.get_one(Ticket, ticket_id, populate_existing=True, with_for_update={"key_share": True})


def _holds(turn: Turn) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a ticket for holding this turn."""
    return (
        Ticket.id == turn.ticket_id,
        Ticket.state == TicketState.RUNNING,
        Ticket.fence == turn.fence,
    )
