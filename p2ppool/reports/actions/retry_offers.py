"""The pools whose latest action did not succeed on all hosts, so that a retry has something to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import CTE, func, select
from sqlalchemy.orm import Session, aliased

from p2ppool.reports.actions.retries import RETRIED, may_be_retried
from p2ppool.store.models import Host, HostResult, HostState, Pool, Ticket


@dataclass(frozen=True)
class RetryOffer:
    """The ticket to retry, its action, and the number of remaining hosts."""

    ticket_id: int
    action: str
    hosts: int


def retry_offers(session: Session, pool_ids: Collection[int]) -> dict[int, RetryOffer]:
    """Return what `what_to_retry` would find for each of these pools; pools without a finding are omitted."""
    tickets = {ticket.pool_id: ticket for ticket in _latest(session, pool_ids) if may_be_retried(ticket)}
    left = _hosts_left(session, {ticket.id: pool_id for pool_id, ticket in tickets.items()})
    return {
        pool_id: RetryOffer(ticket.id, ticket.action, left[ticket.id])
        for pool_id, ticket in tickets.items()
        if left.get(ticket.id)
    }


def _latest(session: Session, pool_ids: Collection[int]) -> list[Ticket]:
    latest = (
        select(func.max(Ticket.id))
        .where(Ticket.pool_id == Pool.id, Ticket.action.in_(RETRIED), Ticket.started_at.is_not(None))
        .correlate(Pool)
        .scalar_subquery()
    )
    chosen = select(latest).select_from(Pool).where(Pool.id.in_(pool_ids))
    return list(session.scalars(select(Ticket).where(Ticket.id.in_(chosen))))


def _hosts_left(session: Session, tickets: Mapping[int, int]) -> dict[int, int]:
    """Count, by ticket, the members on which neither the ticket nor what it retried succeeded."""
    tried = _tried_again(tickets)
    done = (
        select(HostResult.host_id)
        .join(tried, tried.c.id == HostResult.ticket_id)
        .where(HostResult.host_id == Host.id, tried.c.first == Ticket.id, HostResult.error.is_(None))
        .correlate(Host, Ticket)
    )
    statement = (
        select(Ticket.id, func.count())
        .join(Host, Host.pool_id == Ticket.pool_id)
        .where(Ticket.id.in_(tickets), Host.state == HostState.MEMBER, ~done.exists())
        .group_by(Ticket.id)
    )
    return dict(session.execute(statement).all())


def _tried_again(tickets: Collection[int]) -> CTE:
    """Return each ticket as `first`, with itself and all that it retried as `id`."""
    start = select(Ticket.id.label("first"), Ticket.id.label("id"), Ticket.retry_of.label("retry_of"))
    found = start.where(Ticket.id.in_(tickets)).cte("tried", recursive=True)
    before = aliased(Ticket)
    return found.union(
        select(found.c.first, before.id, before.retry_of).join(before, before.id == found.c.retry_of)
    )
