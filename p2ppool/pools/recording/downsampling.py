"""Deletes the samples of old crawls, a few at a time, so that crawls never wait for it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, delete, select, update

from p2ppool.pools.recording.retention import Retention, StoredCrawl, outdated
from p2ppool.store.models import NodeSample, Pool, Snapshot
from p2ppool.store.unit_of_work import UnitOfWork, reading

_AT_ONCE: Final = 2_000  # samples in one transaction: about ten milliseconds
_LONGEST_PAUSE: Final = 1.0  # seconds


@dataclass(frozen=True)
class Downsampling:
    """What is to be deleted of one pool: the samples of these snapshots, with the number of each."""

    pool: str
    snapshots: tuple[tuple[int, int], ...]

    @property
    def samples(self) -> int:
        """The number of samples to delete."""
        return sum(samples for _, samples in self.snapshots)


def plan(engine: Engine, retention: Retention, at: datetime) -> list[Downsampling]:
    """Plan the deletions at that moment; pools with nothing to delete are omitted."""
    with reading(engine) as work:
        pools = work.session.execute(select(Pool.id, Pool.name).order_by(Pool.name)).all()
    found = [Downsampling(name, tuple(_outdated(engine, pool, retention, at))) for pool, name in pools]
    return [downsampling for downsampling in found if downsampling.snapshots]


def downsample(
    engine: Engine, downsampling: Downsampling, pause: Callable[[float], object] = time.sleep
) -> Iterator[int]:
    """Delete in one transaction after another; yield the number of samples of each,
    so that a caller can stop.

    Between transactions it pauses as long as the last one took, so that other writers get their turn.
    """
    for some in _batches(downsampling.snapshots):
        began = time.monotonic()
        yield _delete_samples(engine, some)
        pause(min(time.monotonic() - began, _LONGEST_PAUSE))


def _delete_samples(engine: Engine, snapshots: Sequence[int]) -> int:
    with UnitOfWork(engine) as work:
        gone = work.session.execute(delete(NodeSample).where(NodeSample.snapshot_id.in_(snapshots)))
        work.session.execute(update(Snapshot).where(Snapshot.id.in_(snapshots)).values(downsampled=True))
        work.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined] # a result of a DELETE has it


def _outdated(engine: Engine, pool: int, retention: Retention, at: datetime) -> Iterator[tuple[int, int]]:
    samples = Snapshot.answered + Snapshot.silent + Snapshot.ghosts + Snapshot.left_over
    query = select(Snapshot.id, Snapshot.started_at, Snapshot.complete, samples).where(
        Snapshot.pool_id == pool, Snapshot.downsampled.is_(False)
    )
    with reading(engine) as work:
        rows = work.session.execute(query).all()
    counts = {snapshot: count for snapshot, _, _, count in rows}
    crawls = [StoredCrawl(snapshot, started_at, complete) for snapshot, started_at, complete, _ in rows]
    return ((snapshot, counts[snapshot]) for snapshot in outdated(crawls, retention, at))


def _batches(snapshots: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    some: list[int] = []
    rows = 0
    for snapshot, samples in snapshots:
        if some and (rows + samples > _AT_ONCE or len(some) >= _AT_ONCE // 10):
            yield some
            some, rows = [], 0
        some.append(snapshot)
        rows += samples
    if some:
        yield some
