"""The crawls of a pool by time, and those right before and after a given one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.period import Period
from p2ppool.store.models import Pool, Snapshot
from p2ppool.store.unit_of_work import reading

MOST: Final = 1440
"""The largest number of crawls in a list: one a minute for a day."""


@dataclass(frozen=True, kw_only=True)
class CrawlInTime:
    """A crawl, and the ids of the pool's crawls right before and after it; None if there is none."""

    crawl: SnapshotSummary
    before: int | None
    after: int | None


def crawls_in(engine: Engine, pool_name: str, period: Period, limit: int = MOST) -> list[SnapshotSummary]:
    """List the pool's crawls that began in that period, the latest first, at most `limit`."""
    query = _newest_first(pool_name).limit(limit)
    if period.start is not None:
        query = query.where(Snapshot.started_at >= period.start)
    if period.end is not None:
        query = query.where(Snapshot.started_at < period.end)
    with reading(engine) as work:
        return [SnapshotSummary.of(row) for row in work.session.scalars(query)]


def crawl(engine: Engine, pool_name: str, snapshot_id: int | None = None) -> CrawlInTime | None:
    """Return the pool's crawl with that id, or the last one without an id;
    None if the pool has no such crawl.
    """
    query = _newest_first(pool_name).limit(1)
    if snapshot_id is not None:
        query = _of_pool(pool_name).where(Snapshot.id == snapshot_id)
    with reading(engine) as work:
        found = work.session.scalars(query).one_or_none()
        return None if found is None else _in_time(work.session, found)


def crawl_nearest(engine: Engine, pool_name: str, moment: datetime) -> CrawlInTime | None:
    """Return the last crawl that began before `moment`, otherwise the first one after it;
    None without any.
    """
    earlier = _newest_first(pool_name).where(Snapshot.started_at < moment).limit(1)
    later = _oldest_first(pool_name).where(Snapshot.started_at >= moment).limit(1)
    with reading(engine) as work:
        found = work.session.scalars(earlier).one_or_none() or work.session.scalars(later).one_or_none()
        return None if found is None else _in_time(work.session, found)


def _in_time(session: Session, row: Snapshot) -> CrawlInTime:
    """Find the neighbours in time; crawls that began at the same moment are ordered by id."""
    same_pool, same_time = Snapshot.pool_id == row.pool_id, Snapshot.started_at == row.started_at
    earlier = (
        select(Snapshot.id)
        .where(same_pool, Snapshot.started_at <= row.started_at, ~(same_time & (Snapshot.id >= row.id)))
        .order_by(Snapshot.started_at.desc(), Snapshot.id.desc())
        .limit(1)
    )
    later = (
        select(Snapshot.id)
        .where(same_pool, Snapshot.started_at >= row.started_at, ~(same_time & (Snapshot.id <= row.id)))
        .order_by(Snapshot.started_at, Snapshot.id)
        .limit(1)
    )
    return CrawlInTime(
        crawl=SnapshotSummary.of(row), before=session.scalar(earlier), after=session.scalar(later)
    )


def _of_pool(pool_name: str) -> Select[Snapshot]:
    # The pool's id first: with a join, planners may scan the crawls of all pools.
    pool_id = select(Pool.id).where(Pool.name == pool_name).scalar_subquery()
    return select(Snapshot).where(Snapshot.pool_id == pool_id)


def _newest_first(pool_name: str) -> Select[Snapshot]:
    return _of_pool(pool_name).order_by(Snapshot.started_at.desc(), Snapshot.id.desc())


def _oldest_first(pool_name: str) -> Select[Snapshot]:
    return _of_pool(pool_name).order_by(Snapshot.started_at, Snapshot.id)
