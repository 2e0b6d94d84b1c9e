"""A host's measurements of itself, as numbers.

Hosts may be broken or hostile: a value that is not a number, or out of range, becomes None.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "stats."
"""The prefix of each fact's name where the agent's `stats` are stored together with other facts of a host."""

_COUNT: Final = re.compile(r"[0-9]{1,18}", re.ASCII)  # fits into 64 bits
_DECIMAL: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_MOST_CORES: Final = 65_536
_MOST_LOAD: Final = 1_000_000.0
_MOST_HERTZ: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class HostStats:
    """One measurement; sizes are in bytes, times in seconds, and there are `hertz` ticks a second.

    Attributes:
        cpu_busy: ticks since boot during which the cores worked, summed over all cores.
        cpu_total: all ticks since boot, idle ones included.
        load: mean number of runnable processes in the last minute.
        memory_free: memory that is available without swapping.
        disk_total: size of the file system on which the pool is installed.
        clock_offset: how far the host's clock is ahead of the manager's.
        clock_error: the largest possible error of `clock_offset`.
        node_rss: resident memory of all processes of the node.
        node_ticks: CPU ticks that these processes have used.
    """

    cores: int | None = None
    cpu_busy: int | None = None
    cpu_total: int | None = None
    load: float | None = None
    memory_total: int | None = None
    memory_free: int | None = None
    disk_total: int | None = None
    disk_free: int | None = None
    uptime: float | None = None
    clock_offset: float | None = None
    clock_error: float | None = None
    node_rss: int | None = None
    node_ticks: int | None = None
    node_uptime: float | None = None
    hertz: int | None = None


def read_stats(facts: Mapping[str, str]) -> HostStats:
    """Read the numbers among the facts of the agent's `stats`."""
    cpu_busy, cpu_total = _part(facts, "cpu_busy", "cpu_total")
    memory_free, memory_total = _part(facts, "memory_free", "memory_total")
    disk_free, disk_total = _part(facts, "disk_free", "disk_total")
    return HostStats(
        cores=_count(facts, "cores", most=_MOST_CORES) or None,
        cpu_busy=cpu_busy,
        cpu_total=cpu_total,
        load=_decimal(facts, "load", least=0, most=_MOST_LOAD),
        memory_total=memory_total,
        memory_free=memory_free,
        disk_total=disk_total,
        disk_free=disk_free,
        uptime=_decimal(facts, "uptime", least=0),
        clock_offset=_decimal(facts, "clock_offset"),
        clock_error=_decimal(facts, "clock_error", least=0),
        node_rss=_count(facts, "node_rss"),
        node_ticks=_count(facts, "node_ticks"),
        node_uptime=_decimal(facts, "node_uptime", least=0),
        hertz=_count(facts, "hertz", most=_MOST_HERTZ) or None,
    )


def _part(facts: Mapping[str, str], part: str, whole: str) -> tuple[int | None, int | None]:
    """Return two counts, one a part of the other; return neither if they can't be that."""
    less, more = _count(facts, part), _count(facts, whole)
    if less is not None and more is not None and less > more:
        return None, None
    return less, more or None


def _count(facts: Mapping[str, str], name: str, *, most: int | None = None) -> int | None:
    text = facts.get(name, "")
    if not _COUNT.fullmatch(text):
        return None
    value = int(text)
    return value if most is None or value <= most else None


def _decimal(
    facts: Mapping[str, str], name: str, *, least: float = float("-inf"), most: float = float("inf")
) -> float | None:
    text = facts.get(name, "")
    if not _DECIMAL.fullmatch(text):
        return None
    value = float(text)
    return value if least <= value <= most else None
