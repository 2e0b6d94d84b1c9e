"""The queue of each pool: what runs and since when, what waits and behind what, and what ended before."""

from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from p2ppool.reports.actions.tickets import TicketRecord, active_tickets
from p2ppool.store.models import ACTIVE, Pool, Ticket
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class ActionReport:
    """A ticket with its pool; `behind` is the ticket right before it in the queue, if it waits."""

    pool: str
    ticket: TicketRecord
    behind: TicketRecord | None


def action_reports(engine: Engine, pool_name: str | None, limit: int) -> list[ActionReport]:
    """List all active tickets, pool by pool in the order of the turns,
    then the last `limit` that have ended.
    """
    with reading(engine) as work:
        pools = _pools(work.session, pool_name)
        active = [report for pool in pools.items() for report in _queue(work.session, *pool)]
        return active + _ended(work.session, pools, limit)


def queue_of(engine: Engine, pool_name: str) -> list[ActionReport]:
    """List the active tickets of one pool."""
    with reading(engine) as work:
        return [
            report
            for pool in _pools(work.session, pool_name).items()
            for report in _queue(work.session, *pool)
        ]


def _pools(session: Session, name: str | None) -> dict[int, str]:
    query = select(Pool.id, Pool.name).order_by(Pool.name)
    if name is not None:
        query = query.where(Pool.name == name)
    return {row.id: row.name for row in session.execute(query)}


def _queue(session: Session, pool_id: int, pool: str) -> list[ActionReport]:
    tickets = active_tickets(session, pool_id)
    ahead = [None, *tickets]
    return [
        ActionReport(pool=pool, ticket=ticket, behind=before)
        for ticket, before in zip(tickets, ahead, strict=False)
    ]


def _ended(session: Session, pools: dict[int, str], limit: int) -> list[ActionReport]:
    query = (
        select(Ticket)
        .where(Ticket.pool_id.in_(pools), Ticket.state.not_in(ACTIVE))
        .order_by(Ticket.id.desc())
        .limit(limit)
    )
    return [
        ActionReport(pool=pools[row.pool_id], ticket=TicketRecord.of(row), behind=None)
        for row in session.scalars(query)
    ]
