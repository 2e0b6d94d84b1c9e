"""The last crawls of pools, three numbers each, for small charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import CompoundSelect, Select, select, union_all
from sqlalchemy.orm import Session

from p2ppool.store.models import Snapshot

CRAWLS: Final = 20
_POOLS: Final = 100  # in one statement; SQLite takes 500 parts


@dataclass(frozen=True, kw_only=True)
class CrawlPoint:
    """One crawl: nodes that answered, of those expected; consistency is None if it could not be computed."""

    started_at: datetime
    expected: int
    answered: int
    consistency: float | None


def recent_crawls(
    session: Session, pool_ids: Sequence[int], limit: int = CRAWLS
) -> dict[int, tuple[CrawlPoint, ...]]:
    """Return the last `limit` crawls of each pool, the oldest first; pools without any are omitted.

    Each pool costs one index lookup, however long its history is.
    """
    found: dict[int, list[CrawlPoint]] = {}
    for start in range(0, len(pool_ids), _POOLS):
        some = pool_ids[start : start + _POOLS]
        for pool_id, started_at, expected, answered, consistency in session.execute(_statement(some, limit)):
            point = CrawlPoint(
                started_at=started_at, expected=expected, answered=answered, consistency=consistency
            )
            found.setdefault(pool_id, []).append(point)
    return {
        pool_id: tuple(sorted(points, key=lambda point: point.started_at))
        for pool_id, points in found.items()
    }


def _statement(pool_ids: Sequence[int], limit: int) -> CompoundSelect[int, datetime, int, int, float | None]:
    return union_all(*(_last_of(pool_id, limit) for pool_id in pool_ids))


def _last_of(pool_id: int, limit: int) -> Select[int, datetime, int, int, float | None]:
    columns = (
        Snapshot.pool_id,
        Snapshot.started_at,
        Snapshot.expected,
        Snapshot.answered,
        Snapshot.consistency,
    )
    last = select(*columns).where(Snapshot.pool_id == pool_id).order_by(Snapshot.started_at.desc())
    part = last.limit(limit).subquery()  # SQLite accepts an order in one part of a union only this way
    return select(part.c.pool_id, part.c.started_at, part.c.expected, part.c.answered, part.c.consistency)
