"""A pool's health as a short text and a colour."""

from dataclasses import dataclass
from enum import StrEnum

from dashboards.web.text import counted
from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.pools.pools import PoolReport
from p2ppool.store.models import PoolState

_DHT_WORKS = 0.95  # consistency above which a distributed hash table on the ring works


class Tone(StrEnum):
    """The appearance: a class of the style sheet."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    BUSY = "busy"
    IDLE = "idle"


@dataclass(frozen=True)
class HealthStatus:
    """The tone, and the text that explains it."""

    tone: Tone
    text: str


def health_status(pool: PoolReport) -> HealthStatus:
    """Return the worst problem of a pool, or that it is healthy."""
    if pool.state is not PoolState.ACTIVE:
        return HealthStatus(Tone.IDLE, pool.state.value)
    if pool.snapshot is None:
        return HealthStatus(Tone.IDLE, "not crawled yet")
    return _of_ring(pool.snapshot) or _of_hosts(pool) or HealthStatus(Tone.GOOD, "healthy")


def _of_ring(last: SnapshotSummary) -> HealthStatus | None:
    missing = last.expected - last.own
    if last.consistency is None or last.consistency < _DHT_WORKS:
        return HealthStatus(Tone.BAD, "ring inconsistent" if last.answered else "no node answers")
    if missing > 0:
        return HealthStatus(Tone.WATCH, f"{counted(missing, 'node')} missing")
    if not last.complete:
        return HealthStatus(Tone.WATCH, "crawl cut short")
    return HealthStatus(Tone.WATCH, "ring converging") if last.consistency < 1 else None


def _of_hosts(pool: PoolReport) -> HealthStatus | None:
    if not pool.failed_hosts:
        return None
    return HealthStatus(Tone.WATCH, f"{counted(pool.failed_hosts, 'host')} failed")
