"""Tables of a pool's hosts for `pool stats` and `pool verify`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Engine

from p2ppool.cli.run.host_results import host_results
from p2ppool.cli.terminal.database import store
from p2ppool.cli.terminal.output import print_rows
from p2ppool.pools.rollout.verification import OK, POINTS, PREFIX, UNKNOWN
from p2ppool.reports.hosts.host_stats import HostMeasured, host_stats

_KIB: Final = 1024
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86400.0


def stats_for_programs(pool: str) -> list[dict[str, Any]]:
    """Return all last measurements, in bytes and seconds."""
    return [asdict(host) for host in host_stats(store(), pool)]


def stats_rows(pool: str) -> list[dict[str, Any]]:
    """Return the last measurements as rows of a table."""
    return [_stats_row(host) for host in host_stats(store(), pool)]


def print_verification(engine: Engine, ticket_id: int) -> None:
    """Print why each host failed, then its checks; those that passed share one line."""
    failed = [row for row in host_results(engine, ticket_id) if row["result"] != "done"]
    rows = [line for row in failed for line in _lines(row)]
    print_rows(rows, as_json=False, empty="") if rows else None


def size(count: int | None) -> str | None:
    """Format bytes with three digits and a binary unit."""
    if count is None:
        return None
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < _KIB:
            return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"  # noqa: PLR2004 - three digits
        value /= _KIB
    return f"{value:.1f} TiB"


def span(seconds: float | None) -> str | None:
    """Format a duration in its largest unit."""
    if seconds is None:
        return None
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} s"


def _lines(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    points = {point: row["facts"].get(f"{PREFIX}{point}", UNKNOWN) for point in POINTS}
    yield {"host": row["host"], "point": row["result"], "found": row["message"]}
    if good := ", ".join(point for point, found in points.items() if found == OK):
        yield {"host": "", "point": OK, "found": good}
    for point, found in points.items():
        if found != OK:
            yield {"host": "", "point": point, "found": found}


def _stats_row(host: HostMeasured) -> dict[str, Any]:
    return {
        "host": host.name,
        "when": f"{host.taken_at:%Y-%m-%d %H:%M:%S}Z" if host.taken_at else None,
        "cpu": None if host.cpu is None else f"{host.cpu:.0%} of {host.cores}",
        "load": None if host.load is None else f"{host.load:.2f}",
        "memory free": _part(host.memory_free, host.memory_total),
        "disk free": _part(host.disk_free, host.disk_total),
        "up": span(host.uptime),
        "clock": _clock(host),
        "node cpu": None if host.node_cpu is None else f"{host.node_cpu:.1%}",
        "node memory": size(host.node_rss),
        "node up": span(host.node_uptime),
        "kernel": host.facts.get("kernel"),
    }


def _part(free: int | None, total: int | None) -> str | None:
    return None if free is None or total is None else f"{size(free)} of {size(total)}"


def _clock(host: HostMeasured) -> str | None:
    """Format the clock's offset, and its error."""
    if host.clock_offset is None:
        return None
    error = host.facts.get("clock_error")
    return f"{host.clock_offset:+.3f} s" + (f" ±{error:.3f}" if isinstance(error, float) else "")
