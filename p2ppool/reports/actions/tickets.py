"""The requests of actions on pools, and their progress."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from p2ppool.store.models import ACTIVE, QUEUE_ORDER, Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import reading

RECENT = 20
"""The number of tickets that count as recent."""


@dataclass(frozen=True, kw_only=True)
class TicketRecord:
    """One request of one action: `done` of `total` hosts or nodes, in the Prefect run `flow_run`.

    Attributes:
        cancel: why it was asked to stop.
        preempted_by: the ticket that asked it to stop.
        merged_into: the ticket that also does what this one requested.
        retry_of: the ticket whose failed hosts it retries.
    """

    id: int
    pool_id: int
    action: str
    state: TicketState
    requester: str
    parameters: dict[str, Any]
    flow_run: str | None
    message: str
    done: int
    total: int
    due_at: datetime
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancel: str | None
    preempted_by: int | None
    merged_into: int | None
    retry_of: int | None

    @classmethod
    def of(cls, row: Ticket) -> Self:
        """Build the record from a row of the database."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})


def recent_tickets(engine: Engine, pool_name: str, limit: int = RECENT) -> list[TicketRecord]:
    """List the pool's tickets, the latest first."""
    statement = (
        select(Ticket).join(Pool).where(Pool.name == pool_name).order_by(Ticket.id.desc()).limit(limit)
    )
    with reading(engine) as work:
        return [TicketRecord.of(row) for row in work.session.scalars(statement)]


def ended_tickets(engine: Engine, pool_name: str, limit: int = RECENT) -> list[TicketRecord]:
    """List the pool's tickets that have ended, the latest first."""
    statement = (
        select(Ticket)
        .join(Pool)
        .where(Pool.name == pool_name, Ticket.state.not_in(ACTIVE))
        .order_by(Ticket.id.desc())
        .limit(limit)
    )
    with reading(engine) as work:
        return [TicketRecord.of(row) for row in work.session.scalars(statement)]


def running_tickets(session: Session, pool_ids: Collection[int]) -> Iterator[TicketRecord]:
    """List the tickets that run on these pools, the oldest first."""
    statement = (
        select(Ticket)
        .where(Ticket.pool_id.in_(pool_ids), Ticket.state == TicketState.RUNNING)
        .order_by(Ticket.id)
    )
    return map(TicketRecord.of, session.scalars(statement))


def active_tickets(session: Session, pool_id: int) -> list[TicketRecord]:
    """List what runs on the pool, then what waits for it, in the order of their turns."""
    statement = (
        select(Ticket).where(Ticket.pool_id == pool_id, Ticket.state.in_(ACTIVE)).order_by(*QUEUE_ORDER)
    )
    return [TicketRecord.of(row) for row in session.scalars(statement)]


def waiting_counts(session: Session, pool_ids: Collection[int]) -> dict[int, int]:
    """Count the tickets that wait for each of these pools; pools without any are omitted."""
    statement = (
        select(Ticket.pool_id, func.count())
        .where(Ticket.pool_id.in_(pool_ids), Ticket.state == TicketState.WAITING)
        .group_by(Ticket.pool_id)
    )
    return dict(session.execute(statement).all())
