"""Stores measurements of hosts: a sample for each action that measured, and facts about the machine."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.fleet.agent.host_stats import PREFIX, HostStats, read_stats
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.recording import machine_facts
from p2ppool.store.models import Host, HostSample
from p2ppool.store.types import now

_MEASURED: Final = (
    "cores",
    "cpu_busy",
    "cpu_total",
    "load",
    "memory_total",
    "memory_free",
    "disk_total",
    "disk_free",
    "uptime",
    "clock_offset",
    "node_rss",
    "node_ticks",
    "node_uptime",
)
_SAME_BOOT: Final = 60.0
"""Seconds by which the advance of a host's uptime and of this machine's clock may differ,
since the clock may be set.
"""
_SAME_START: Final = 1.0
"""Seconds that lie at least between two different starts of a node."""


def keep_samples(session: Session, ticket_id: int, outcomes: Iterable[HostOutcome]) -> None:
    """Store only measurements, and host keys seen for the first time; the caller commits."""
    for outcome in outcomes:
        host = session.get_one(Host, outcome.target.key)
        host.host_key = host.host_key or outcome.host_key
        keep_measured(session, ticket_id, host, outcome.facts)


def keep_measured(session: Session, ticket_id: int, host: Host, facts: Mapping[str, str]) -> None:
    """Store the facts of a measurement, if these facts include any; the caller commits."""
    measured = {name.removeprefix(PREFIX): value for name, value in facts.items() if name.startswith(PREFIX)}
    if measured:
        found = read_stats(measured)
        session.merge(_sample(found, ticket_id, host.id, _before(session, ticket_id, host.id)))
        machine_facts.learn(host, measured, found)


def cpu(found: HostStats, before: HostSample | None, seconds: float) -> float | None:
    """Return the busy share of all cores, 0 … 1: since the sample before, `seconds` ago;
    otherwise since boot.

    It is the quotient of the differences of two counters of /proc/stat (proc(5)), busy by total.
    """
    busy, total = found.cpu_busy, found.cpu_total
    if busy is None or total is None:
        return None
    if before is not None and _is_same_boot(found, before, seconds):
        since = total - (before.cpu_total or 0)
        if since > 0:
            return min((busy - (before.cpu_busy or 0)) / since, 1.0)
    return busy / total


def node_cpu(found: HostStats, before: HostSample | None, seconds: float) -> float | None:
    """Return the number of cores that the node used: since the sample before, `seconds` ago, if it is the
    same node process; otherwise since its start.
    """
    ticks, age, hertz = found.node_ticks, found.node_uptime, found.hertz
    if ticks is None or age is None or hertz is None:
        return None
    if before is not None and _is_same_boot(found, before, seconds) and _is_same_start(found, before):
        since, used = age - (before.node_uptime or 0), ticks - (before.node_ticks or 0)
        if since > 0 and used >= 0:
            return used / hertz / since
    return ticks / hertz / age if age > 0 else None


def _sample(found: HostStats, ticket_id: int, host_id: int, before: HostSample | None) -> HostSample:
    taken_at = now()
    seconds = _seconds_between(before.taken_at, taken_at) if before else 0.0
    return HostSample(
        ticket_id=ticket_id,
        host_id=host_id,
        taken_at=taken_at,
        cpu=cpu(found, before, seconds),
        node_cpu=node_cpu(found, before, seconds),
        **{name: getattr(found, name) for name in _MEASURED},
    )


def _before(session: Session, ticket_id: int, host_id: int) -> HostSample | None:
    query = (
        select(HostSample)
        .where(HostSample.host_id == host_id, HostSample.ticket_id != ticket_id)
        .order_by(HostSample.taken_at.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def _seconds_between(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds()


def _is_same_boot(found: HostStats, before: HostSample, seconds: float) -> bool:
    """Return whether no counter has fallen, and uptime has advanced as much as time."""
    pairs = (
        (before.uptime, found.uptime),
        (before.cpu_busy, found.cpu_busy),
        (before.cpu_total, found.cpu_total),
    )
    if any(earlier is None or later is None or earlier > later for earlier, later in pairs):
        return False
    return abs((found.uptime or 0) - (before.uptime or 0) - seconds) <= _SAME_BOOT


def _is_same_start(found: HostStats, before: HostSample) -> bool:
    """Return whether the node has not restarted, by the host's own clock in the same boot."""
    starts = [
        None if each.uptime is None or each.node_uptime is None else each.uptime - each.node_uptime
        for each in (before, found)
    ]
    earlier, later = starts
    return earlier is not None and later is not None and abs(later - earlier) < _SAME_START
