"""What a retry is about: a past action that left hosts behind."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.actions.catalogue import Action, Rank
from p2ppool.errors import UserError
from p2ppool.store.models import Host, HostResult, HostState, Pool, Ticket, TicketState

RETRIED = frozenset(action for action in Action if action.row.retried_as and action.rank is not Rank.READ)
"""The actions that are tried again without being named: what a look has left is no trouble of the pool's."""


@dataclass(frozen=True)
class Retry:
    """The action to ask for, and its parameters."""

    action: str
    parameters: dict[str, Any]


def what_to_retry(session: Session, pool: Pool, ticket_id: int | None) -> Retry:
    """The retry of that ticket, or of the pool's latest one that left hosts behind.

    Raises:
        UserError: there is no such ticket, it goes on, or it left no host.
    """
    ticket = _latest(session, pool) if ticket_id is None else _chosen(session, pool, ticket_id)
    again = Action(ticket.action).row.retried_as or ""
    # Another action has other parameters: a created pool is there already, and an upgrade's version is kept.
    known = dict(ticket.parameters) if again == ticket.action else {}
    return Retry(again, {**known, "pool": pool.name, "retry_of": ticket.id})


def may_be_retried(ticket: Ticket) -> bool:
    """Whether it has ended, and in a way that leaves hosts to be tried again."""
    kept = ticket.action != Action.UPGRADE or ticket.state in {TicketState.DONE, TicketState.PARTIAL}
    return ticket.state.ended and kept


def done_by(session: Session, ticket: Ticket) -> set[int]:
    """Ids of the hosts on which the ticket's action went well, in it or in what it tried again."""
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
    """The ticket of that number.

    Raises:
        UserError: the pool has none.
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
            f"ticket {ticket_id} is a {ticket.action}, which has no hosts to retry: ask for it anew"
        )
    return _with_hosts_left(session, pool, ticket)


def _with_hosts_left(session: Session, pool: Pool, ticket: Ticket) -> Ticket:
    if not ticket.state.ended:
        raise UserError(f"{ticket.action} (ticket {ticket.id}) goes on still: retry it once it has ended")
    if ticket.action == Action.UPGRADE and ticket.state not in {TicketState.DONE, TicketState.PARTIAL}:
        raise UserError(f"upgrade (ticket {ticket.id}) was not kept: ask for it anew")
    hosts = set(
        session.scalars(select(Host.id).where(Host.pool_id == pool.id, Host.state == HostState.MEMBER))
    )
    if hosts <= done_by(session, ticket):
        raise UserError(
            f"{ticket.action} (ticket {ticket.id}) left no host behind: there is nothing to retry"
        )
    return ticket
