"""Decides what a retry does: it repeats a past action on the hosts where that did not succeed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.actions.catalogue import Action, Rank
from p2ppool.errors import UserError
from p2ppool.store.models import Host, HostResult, HostState, Pool, Ticket, TicketState

RETRIED = frozenset(action for action in Action if action.row.retried_as and action.rank is not Rank.READ)
"""The actions that are retried without being named: hosts that a read-only action missed are no trouble."""


@dataclass(frozen=True)
class Retry:
    """The action to request, and its parameters."""

    action: str
    parameters: dict[str, Any]


def what_to_retry(session: Session, pool: Pool, ticket_id: int | None) -> Retry:
    """Return the retry of that ticket, or of the pool's latest one that did not succeed on all hosts.

    Raises:
        UserError: there is no such ticket, it is still running, or it succeeded on every host.
    """
    ticket = _latest(session, pool) if ticket_id is None else _chosen(session, pool, ticket_id)
    again = Action(ticket.action).row.retried_as or ""
    # Another action has other parameters: a created pool exists already, and an upgrade's version is kept.
    known = dict(ticket.parameters) if again == ticket.action else {}
    return Retry(again, {**known, "pool": pool.name, "retry_of": ticket.id})


def may_be_retried(ticket: Ticket) -> bool:
    """Return whether it has ended in a state that allows a retry on the remaining hosts."""
    kept = ticket.action != Action.UPGRADE or ticket.state in {TicketState.DONE, TicketState.PARTIAL}
    return ticket.state.ended and kept


def done_by(session: Session, ticket: Ticket) -> set[int]:
    """Return the ids of the hosts on which the ticket's action succeeded, in it or in what it retried."""
    done: set[int] = set()
    following: Ticket | None = ticket
    while following is not None:
        query = select(HostResult.host_id).where(
            HostResult.ticket_id == following.id, HostResult.error.is_(None)
        )
        done |= set(session.scalars(query))
        following = session.get(Ticket, following.retry_of) if following.retry_of else None
    return done


def _latest(session: Session, pool: Pool) -> Ticket:
    query = (
        select(Ticket)
        .where(Ticket.pool_id == pool.id, Ticket.action.in_(RETRIED), Ticket.started_at.is_not(None))
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    ticket = session.scalars(query).one_or_none()
    if ticket is None:
        raise UserError(f"nothing was done on the hosts of pool {pool.name} yet: there is nothing to retry")
    return _with_hosts_left(session, pool, ticket)


def ticket_of(session: Session, pool: Pool, ticket_id: int) -> Ticket:
    """Return the ticket with that number.

    Raises:
        UserError: the pool has no such ticket.
    """
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.pool_id != pool.id:
        raise UserError(
            f"pool {pool.name} has no ticket {ticket_id}: `p2ppool actions --pool {pool.name}` lists them"
        )
    return ticket


def _chosen(session: Session, pool: Pool, ticket_id: int) -> Ticket:
    ticket = ticket_of(session, pool, ticket_id)
    if not Action(ticket.action).row.retried_as:
        raise UserError(
            f"ticket {ticket_id} is a {ticket.action}, which has no hosts to retry: request it anew"
        )
    return _with_hosts_left(session, pool, ticket)


def _with_hosts_left(session: Session, pool: Pool, ticket: Ticket) -> Ticket:
    if not ticket.state.ended:
        raise UserError(f"{ticket.action} (ticket {ticket.id}) is still running: retry it once it has ended")
    if ticket.action == Action.UPGRADE and ticket.state not in {TicketState.DONE, TicketState.PARTIAL}:
        raise UserError(f"upgrade (ticket {ticket.id}) was not kept: request it anew")
    hosts = set(
        session.scalars(select(Host.id).where(Host.pool_id == pool.id, Host.state == HostState.MEMBER))
    )
    if hosts <= done_by(session, ticket):
        raise UserError(
            f"{ticket.action} (ticket {ticket.id}) left no host behind: there is nothing to retry"
        )
    return ticket
