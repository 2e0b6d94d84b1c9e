"""The crawls of a pool in a period, one after the other, as sums."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Engine, Select, exists, func, select

from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.period import ALWAYS, Period
from p2ppool.store.models import NodeSample, Pool, Snapshot
from p2ppool.store.unit_of_work import reading

_Columns = TypeVarTuple("_Columns")


@dataclass(frozen=True)
class CrawlEntry:
    """One crawl; `has_nodes` tells whether samples of its nodes are still kept."""

    summary: SnapshotSummary
    has_nodes: bool

    @property
    def found(self) -> int:
        """The number of addresses that it found, in whatever state."""
        sums = self.summary
        return sums.answered + sums.silent + sums.ghosts + sums.left_over

    @property
    def downsampled(self) -> bool:
        """Whether it found nodes whose samples are no longer kept."""
        return self.found > 0 and not self.has_nodes


@dataclass(frozen=True)
class CrawlRange:
    """Crawls in the order in which they began, and their total number in the same period."""

    crawls: tuple[CrawlEntry, ...]
    total: int


def crawl_range(
    engine: Engine, pool_name: str, period: Period = ALWAYS, *, most: int, since: int | None = None
) -> CrawlRange:
    """Return the last `most` crawls of the period.

    Args:
        engine: the database.
        pool_name: the name of the pool.
        period: the crawls that began in it.
        most: the largest number of crawls to read.
        since: id of the first crawl to include, so that a range on screen grows instead of moving on. No
            effect if the pool has no such crawl in the period.
    """
    with reading(engine) as work:
        total = work.session.scalar(_in(period, pool_name, select(func.count()))) or 0
        first = work.session.scalar(_own(pool_name, select(Snapshot.started_at)).where(Snapshot.id == since))
        wanted = _in(period, pool_name, select(Snapshot, _has_nodes()))
        if first is not None and period.holds(first):
            wanted = wanted.where(Snapshot.started_at >= first)
        rows = work.session.execute(
            wanted.order_by(Snapshot.started_at.desc(), Snapshot.id.desc()).limit(most)
        )
        entries = [CrawlEntry(SnapshotSummary.of(row), has_nodes) for row, has_nodes in rows]
    return CrawlRange(tuple(reversed(entries)), total)


def crawls(engine: Engine, pool_name: str, snapshot_ids: Collection[int]) -> list[CrawlEntry]:
    """Return those of these crawls that are the pool's, in the order in which they began."""
    query = _own(pool_name, select(Snapshot, _has_nodes())).where(Snapshot.id.in_(snapshot_ids))
    with reading(engine) as work:
        rows = work.session.execute(query.order_by(Snapshot.started_at, Snapshot.id))
        return [CrawlEntry(SnapshotSummary.of(row), has_nodes) for row, has_nodes in rows]


def crawl_before(engine: Engine, pool_name: str, snapshot_id: int) -> int | None:
    """Return the id of the last crawl before that one whose node samples are still kept."""
    with reading(engine) as work:
        own = _own(pool_name, select(Snapshot.started_at, Snapshot.id)).where(Snapshot.id == snapshot_id)
        found = work.session.execute(own).first()
        if found is None:
            return None
        return work.session.scalar(_earlier(pool_name, found[0], found[1]).limit(1))


def _earlier(pool_name: str, started_at: datetime, snapshot_id: int) -> Select[int]:
    before = (Snapshot.started_at < started_at) | (
        (Snapshot.started_at == started_at) & (Snapshot.id < snapshot_id)
    )
    return (
        _own(pool_name, select(Snapshot.id))
        .where(before, _has_nodes())
        .order_by(Snapshot.started_at.desc(), Snapshot.id.desc())
    )


def _own(pool_name: str, query: Select[*_Columns]) -> Select[*_Columns]:
    return query.select_from(Snapshot).join(Pool, Pool.id == Snapshot.pool_id).where(Pool.name == pool_name)


def _in(period: Period, pool_name: str, query: Select[*_Columns]) -> Select[*_Columns]:
    bounds: Sequence[ColumnElement[bool]] = [
        *([Snapshot.started_at >= period.start] if period.start else []),
        *([Snapshot.started_at < period.end] if period.end else []),
    ]
    return _own(pool_name, query).where(*bounds)


def _has_nodes() -> ColumnElement[bool]:
    return exists(select(NodeSample.node_id).where(NodeSample.snapshot_id == Snapshot.id))
