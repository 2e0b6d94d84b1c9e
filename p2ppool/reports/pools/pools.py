"""Summaries of pools: their definition, their last crawl, and what runs on them now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from p2ppool.fleet.host.outcome import OUT_OF_REACH
from p2ppool.reports.actions.tickets import TicketRecord, running_tickets, waiting_counts
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.last import last_result_of_host, last_snapshot_of_pool
from p2ppool.store.models import Host, HostResult, HostState, Package, Pool, PoolState, Snapshot
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class PoolReport:
    """One pool in summary.

    Attributes:
        package: name and version of its software.
        hosts: the number of its hosts.
        failed_hosts: hosts whose last result is an error.
        down_hosts: those of them that could not be reached at all.
        snapshot: its last crawl; None before the first.
        running: the tickets that run on it now, the oldest first.
        waiting: the number of tickets that wait for it.
    """

    id: int
    name: str
    description: str
    state: PoolState
    namespace: str
    package: str
    nodes_per_process: int
    created_at: datetime
    hosts: int
    failed_hosts: int
    down_hosts: int
    snapshot: SnapshotSummary | None
    running: tuple[TicketRecord, ...]
    waiting: int


class _HostCounts(NamedTuple):
    """Numbers of a pool's hosts: all, those whose last result is an error,
    and those of them that are unreachable.
    """

    all: int
    failed: int
    down: int


_NO_HOST = _HostCounts(0, 0, 0)


def pools(engine: Engine) -> list[PoolReport]:
    """List every pool, by name."""
    with reading(engine) as work:
        return pools_in(work.session)


def pools_in(session: Session) -> list[PoolReport]:
    """List every pool, by name, within the caller's session."""
    return _reports(session, _pools_with_snapshot().order_by(Pool.name))


def pool(engine: Engine, name: str) -> PoolReport | None:
    """Return the pool of that name, or None."""
    with reading(engine) as work:
        return next(iter(_reports(work.session, _pools_with_snapshot().where(Pool.name == name))), None)


def names_of_pools(engine: Engine) -> list[str]:
    """List the names of all pools in alphabetical order."""
    with reading(engine) as work:
        return list(work.session.scalars(select(Pool.name).order_by(Pool.name)))


def exists(engine: Engine, name: str) -> bool:
    """Return whether there is a pool of that name."""
    with reading(engine) as work:
        return work.session.scalar(select(Pool.id).where(Pool.name == name)) is not None


def _pools_with_snapshot() -> Select[Pool, str, str, Snapshot]:
    return (
        select(Pool, Package.name, Package.version, Snapshot)
        .join(Package, Package.id == Pool.package_id)
        .outerjoin(Snapshot, Snapshot.id == last_snapshot_of_pool())
    )


def _reports(session: Session, statement: Select[Pool, str, str, Snapshot]) -> list[PoolReport]:
    rows = session.execute(statement).all()
    ids = [row[0].id for row in rows]
    counts, waiting = _host_counts(session, Host.pool_id.in_(ids)), waiting_counts(session, ids)
    running: dict[int, list[TicketRecord]] = {}
    for ticket in running_tickets(session, ids):
        running.setdefault(ticket.pool_id, []).append(ticket)
    return [
        _report(row, counts.get(row[0].id, _NO_HOST), running.get(row[0].id, ()), waiting.get(row[0].id, 0))
        for row in rows
    ]


def _host_counts(session: Session, which: ColumnElement[bool]) -> dict[int, _HostCounts]:
    statement = (
        select(
            Host.pool_id,
            func.count(),
            func.count(HostResult.error),
            func.count(HostResult.error).filter(HostResult.error.in_(OUT_OF_REACH)),
        )
        .outerjoin(
            HostResult,
            and_(HostResult.host_id == Host.id, HostResult.ticket_id == last_result_of_host()),
        )
        .where(which, Host.state == HostState.MEMBER)
        .group_by(Host.pool_id)
    )
    return {pool_id: _HostCounts(*counts) for pool_id, *counts in session.execute(statement)}


def _report(
    row: Row[Pool, str, str, Snapshot],
    hosts: _HostCounts,
    running: Iterable[TicketRecord],
    waiting: int,
) -> PoolReport:
    found, package, version, snapshot = row
    return PoolReport(
        id=found.id,
        name=found.name,
        description=found.description,
        state=found.state,
        namespace=found.namespace,
        package=f"{package} {version}",
        nodes_per_process=found.nodes_per_process,
        created_at=found.created_at,
        hosts=hosts.all,
        failed_hosts=hosts.failed,
        down_hosts=hosts.down,
        snapshot=_summary(snapshot),
        running=tuple(running),
        waiting=waiting,
    )


def _summary(snapshot: Snapshot | None) -> SnapshotSummary | None:
    return None if snapshot is None else SnapshotSummary.of(snapshot)
