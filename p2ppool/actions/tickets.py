"""A ticket is one request for one action on one pool: admitting requests, and finding tickets."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from p2ppool.actions import admission, messages, rules
from p2ppool.actions.admission import Admission, Decision, QueueEntry
from p2ppool.actions.catalogue import Action, Rank
from p2ppool.actions.permissions import requester
from p2ppool.actions.requesters import UNSIGNED
from p2ppool.actions.requests import Request
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import ACTIVE, QUEUE_ORDER, AcceptedRun, Pool, Ticket, TicketState
from p2ppool.store.types import now

_LATE = timedelta(minutes=1)
"""The time after an ended ticket in which an earlier due request still counts as superseded by it."""
_RECORDED = {action for action in Action if action.row.rank in {Rank.STOP, Rank.SUSPEND, Rank.CHANGE}}
"""Requests that are in the audit: what they do can't be seen from crawls and checks."""
_NEW = 0  # the id of a request that has no ticket yet


def lock(session: Session, pool_id: int) -> Pool:
    """Lock the pool against other decisions about its turns until the transaction ends.

    SQLite locks the whole database when a writing transaction begins.
    """
    return session.get_one(Pool, pool_id, with_for_update={"key_share": True}, populate_existing=True)


def admit(session: Session, pool: Pool, request: Request) -> Ticket:
    """Create the ticket for `request`: it waits, or has ended as merged, refused or preempted.

    The caller commits. A run that already has a ticket gets that one, unless Prefect knows how that ended and
    runs it once more: then somebody asked for that in Prefect, whoever requested the run at first.
    """
    pool = lock(session, pool.id)
    known = by_flow_run(session, request.flow_run)
    if known is not None and not (known.state.ended and known.notified):
        return known
    moment, others = now(), _others(session, pool.id, request.due)
    decision = admission.decide(_entry_of(request), [_entry(other) for other in others], moment)
    ticket = Ticket(
        pool_id=pool.id,
        action=request.action,
        requester=UNSIGNED if known else request.requester,
        parameters=dict(request.parameters),
        flow_run=request.flow_run,
        retry_of=request.retry_of,
        due_at=admission.place(request.due, [other.due_at for other in others], moment),
        notified=request.flow_run is None,
    )
    session.add(ticket)
    session.flush()
    accepted = update(AcceptedRun).where(AcceptedRun.flow_run == request.flow_run)
    session.execute(accepted.values(ticket_id=ticket.id))
    if request.action in _RECORDED:
        details = {"ticket": ticket.id, **({"retry of": ticket.retry_of} if ticket.retry_of else {})}
        audit.note(session, Subject.of(pool), request.requester, f"request {request.action}", details)
    if why := requester.refusal(session, [ticket.requester], ticket.action, pool.name):
        end(ticket, TicketState.REFUSED, why)  # before it preempts or merges into anything
        session.flush()
        return ticket
    before = [other for other in others if other.id not in decision.preempts]
    if decision.admission is Admission.WAITS and (why := _hopeless(ticket, pool, before)):
        end(ticket, TicketState.REFUSED, why)
    else:
        _carry_out(ticket, decision, {other.id: other for other in others})
    session.flush()
    return ticket


def end(ticket: Ticket, state: TicketState, message: str) -> None:
    """Write the final state of a ticket whose pool is locked."""
    ticket.state, ticket.message, ticket.ended_at = state, message, now()


def by_flow_run(session: Session, flow_run: str | None) -> Ticket | None:
    """Return the latest ticket of a Prefect run; None before the run has requested one."""
    if flow_run is None:
        return None
    query = select(Ticket).where(Ticket.flow_run == flow_run).order_by(Ticket.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def queue(pool_id: int) -> Select[Ticket]:
    """Select the pool's active tickets: the running one, then waiting ones in the order of their turns."""
    return select(Ticket).where(Ticket.pool_id == pool_id, Ticket.state.in_(ACTIVE)).order_by(*QUEUE_ORDER)


def _others(session: Session, pool_id: int, due: datetime) -> list[Ticket]:
    """List the active tickets, and those that recently had a turn though due after this request."""
    superseding_due_later = select(Ticket).where(
        Ticket.pool_id == pool_id,
        Ticket.ended_at >= now() - _LATE,
        Ticket.due_at > due,
        Ticket.started_at.is_not(None),
    )
    found = [*session.scalars(queue(pool_id)), *session.scalars(superseding_due_later)]
    return sorted(found, key=lambda ticket: (ticket.due_at, ticket.id), reverse=True)


def _hopeless(ticket: Ticket, pool: Pool, before: Iterable[Ticket]) -> str | None:
    """Return why it need not even wait: no ticket before it will change the pool's state."""
    changing = (other for other in before if not other.state.ended and rules.changes_pool(other.action))
    return None if any(changing) else rules.refusal(ticket.action, pool.state)


def _entry_of(request: Request) -> QueueEntry:
    return QueueEntry(id=_NEW, action=request.action, parameters=request.parameters, due=request.due)


def _entry(ticket: Ticket) -> QueueEntry:
    return QueueEntry(
        id=ticket.id,
        action=ticket.action,
        parameters=ticket.parameters,
        due=ticket.due_at,
        running=ticket.state is TicketState.RUNNING,
        ending=ticket.cancel is not None or ticket.state.ended,
        ended=ticket.state.ended,
    )


def _carry_out(ticket: Ticket, decision: Decision, others: Mapping[int, Ticket]) -> None:
    for ident in decision.preempts:
        _preempt(others[ident], ticket)
    if decision.by is None:
        return
    by = others[decision.by]
    match decision.admission:
        case Admission.MERGES:
            ticket.merged_into = by.id
            end(ticket, TicketState.MERGED, messages.merged(by))
        case Admission.REFUSED:
            end(ticket, TicketState.REFUSED, messages.refused(by))
        case Admission.SUPERSEDED:
            ticket.preempted_by = by.id
            end(ticket, TicketState.CANCELLED, messages.superseded(by))


def _preempt(ticket: Ticket, by: Ticket) -> None:
    """End a waiting ticket; ask a running one to stop."""
    ticket.preempted_by = by.id
    if ticket.state is TicketState.RUNNING:
        ticket.cancel = messages.preempted(by)
    else:
        end(ticket, TicketState.CANCELLED, messages.preempted_waiting(by))
