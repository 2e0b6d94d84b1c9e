"""Sessions that see some pools only: for them all others, and what belongs to those, are not there.

So a page, list or export can't show what its visitor may not see, whatever it asks for: by name, by the
number of a ticket or a snapshot, or for everything. What is read without the ORM (by `Table` or as text) is
not restricted: it must start from the id of a pool, ticket or snapshot that was read with it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from p2ppool.store.models import (
    AcceptedRun,
    AuditLine,
    Host,
    HostResult,
    HostSample,
    HostsInProgress,
    Node,
    NodeSample,
    Pool,
    PoolSchedule,
    PoolView,
    Snapshot,
    SubjectKind,
    Ticket,
    UserOnPool,
    UserView,
)

_ONLY: Final = "only_pools"
_OF_POOLS: Final = (Host, Node, PoolSchedule, PoolView, Snapshot, Ticket, UserOnPool, UserView)
_OF_TICKETS: Final = (AcceptedRun, HostResult, HostSample, HostsInProgress)


def seeing_only(engine: Engine, pool_ids: frozenset[int]) -> Engine:
    """Return the same database, in which only these pools are there."""
    return engine.execution_options(**{_ONLY: pool_ids})


def restrict(session: Session, engine: Engine) -> None:
    """Restrict the session to the pools of its engine, if that is restricted."""
    only = engine.get_execution_options().get(_ONLY)
    if only is None:
        return
    criteria = [with_loader_criteria(*each, include_aliases=True) for each in _criteria(only)]

    def execute(state: ORMExecuteState) -> None:
        if not state.is_column_load:
            state.statement = state.statement.options(*criteria)

    event.listen(session, "do_orm_execute", execute)


def _criteria(only: Iterable[int]) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield each class with the condition on its rows."""
    ids = sorted(only)
    yield Pool, Pool.id.in_(ids)
    for of_pool in _OF_POOLS:
        yield of_pool, of_pool.pool_id.in_(ids)
    tickets, snapshots = Ticket.__table__, Snapshot.__table__  # tables: the criteria are not applied to those
    for of_ticket in _OF_TICKETS:
        own = select(tickets.c.id).where(tickets.c.pool_id.in_(ids))
        yield of_ticket, of_ticket.ticket_id.in_(own)
    own = select(snapshots.c.id).where(snapshots.c.pool_id.in_(ids))
    yield NodeSample, NodeSample.snapshot_id.in_(own)
    yield AuditLine, or_(AuditLine.subject_kind != SubjectKind.POOL, AuditLine.pool_id.in_(ids))
