"""A turn is the time in which a ticket holds its pool. Every change of one is a single transaction."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, select, update
from sqlalchemy.orm import Session

from p2ppool.actions import messages, rules, tickets
from p2ppool.actions.leases import Lost
from p2ppool.store.models import ACTIVE, Pool, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork


class TurnLost(Exception):  # noqa: N818 - not a mistake: somebody else has taken over
    """The turn is not this process's any more: nothing may be written or done for it."""


@dataclass(frozen=True)
class Turn:
    """A pool held by a ticket. The fence is higher than that of every turn of this pool before it."""

    ticket_id: int
    pool_id: int
    fence: int


def claim(engine: Engine, ticket_id: int, process: str) -> Ticket:
    """Let `process` answer for a waiting ticket, so that it is missed when it dies; the ticket as it is then.

    Raises:
        TurnLost: another process answers for it.
    """
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        if not ticket.state.ended:
            if ticket.owner not in {None, process}:
                raise TurnLost(f"ticket {ticket_id} is another process's")
            ticket.owner = process
            ticket.heartbeat += 1
            work.commit()
        return ticket


def start(engine: Engine, ticket_id: int) -> Turn | Ticket:
    """The turn, if it has come; else the ticket as it is: waiting, or ended."""
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
        turn = _begin(ticket, pool)
        work.commit()
        return turn or ticket


def renew(engine: Engine, turn: Turn) -> str | None:
    """Say that the holder lives; why it is to end, if it is.

    Raises:
        TurnLost: it was taken for dead, and the pool may be another's.
    """
    with UnitOfWork(engine) as work:
        beating = update(Ticket).where(*_holds(turn)).values(heartbeat=Ticket.heartbeat + 1)
        notified = work.session.scalars(beating.returning(Ticket.cancel)).all()
        if not notified:
            raise TurnLost(f"ticket {turn.ticket_id} does not hold its pool any more")
        work.commit()
        return notified[0]


def progress(engine: Engine, turn: Turn, done: int, total: int) -> None:
    """Say how far the action is: `done` of `total` hosts or nodes. A lost turn says nothing any more."""
    with UnitOfWork(engine) as work:
        work.session.execute(update(Ticket).where(*_holds(turn)).values(done=done, total=total))
        work.commit()


def require(session: Session, turn: Turn) -> None:
    """See that the turn holds its pool until the caller's transaction ends: before every write of results.

    Raises:
        TurnLost: it does not.
    """
    tickets.lock(session, turn.pool_id)
    if session.scalar(select(Ticket.id).where(*_holds(turn))) is None:
        raise TurnLost(f"ticket {turn.ticket_id} does not hold its pool any more")


def end(engine: Engine, ticket_id: int, state: TicketState, message: str) -> Ticket:
    """End the ticket and with it its turn; one that has ended stays as it is. The ticket as it is then."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        if not ticket.state.ended:
            tickets.end(ticket, state, message)
            work.commit()
        return ticket


def cancel(engine: Engine, ticket_id: int, why: str) -> Ticket:
    """What waits is over, what runs is told to end; the ticket as it is then."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, ticket_id)
        if ticket.state is TicketState.WAITING:
            tickets.end(ticket, TicketState.CANCELLED, f"{why}, before it started")
        elif ticket.state is TicketState.RUNNING and ticket.cancel is None:
            ticket.cancel = why
        work.commit()
        return ticket


def expire(engine: Engine, lost: Lost) -> bool:
    """End a ticket that nobody looks after as crashed; False if somebody does after all."""
    with UnitOfWork(engine) as work:
        ticket = _locked(work.session, lost.ticket_id)
        if ticket.state not in ACTIVE or ticket.heartbeat != lost.heartbeat:
            return False
        tickets.end(ticket, TicketState.CRASHED, messages.crashed(ticket, lost.why))
        ticket.notified = ticket.flow_run is None
        work.commit()
        return True


def _begin(ticket: Ticket, pool: Pool) -> Turn | None:
    """Give the pool to the ticket; None where the pool's state does not allow its action."""
    if why := rules.refusal(ticket.action, pool.state):
        tickets.end(ticket, TicketState.REFUSED, why)
        return None
    pool.fence += 1
    pool.state = rules.state_after(ticket.action, pool.state)
    ticket.state, ticket.started_at, ticket.fence = TicketState.RUNNING, now(), pool.fence
    return Turn(ticket.id, pool.id, pool.fence)


def _locked(session: Session, ticket_id: int) -> Ticket:
    """The ticket, read after its pool was locked; a renewal, which only touches the ticket, is waited for."""
    pool_id = session.scalars(select(Ticket.pool_id).where(Ticket.id == ticket_id)).one()
    tickets.lock(session, pool_id)
    return session.get_one(Ticket, ticket_id, populate_existing=True, with_for_update={"key_share": True})


def _holds(turn: Turn) -> tuple[ColumnElement[bool], ...]:
    """As conditions on a ticket: it is this turn's, and the turn goes on."""
    return (
        Ticket.id == turn.ticket_id,
        Ticket.state == TicketState.RUNNING,
        Ticket.fence == turn.fence,
    )
