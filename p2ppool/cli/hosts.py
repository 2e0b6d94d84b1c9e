"""What `pool stats` and `pool verify` show of a pool's hosts."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Engine

from p2ppool.cli.host_results import host_results
from p2ppool.cli.output import print_rows
from p2ppool.cli.session import store
from p2ppool.pools.verification import OK, POINTS, PREFIX, UNKNOWN
from p2ppool.reports.host_stats import HostMeasured, host_stats

_KIB: Final = 1024
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86400.0


def stats_for_programs(pool: str) -> list[dict[str, Any]]:
    """Everything that was measured last, in bytes and seconds."""
    return [asdict(host) for host in host_stats(store(), pool)]


def stats_rows(pool: str) -> list[dict[str, Any]]:
    """What fits into a line, for a person."""
    return [_stats_row(host) for host in host_stats(store(), pool)]


def print_verification(engine: Engine, ticket_id: int) -> None:
    """Each host that failed: why, and then its points, those that are as they should be in one line."""
    failed = [row for row in host_results(engine, ticket_id) if row["result"] != "done"]
    rows = [line for row in failed for line in _lines(row)]
    print_rows(rows, as_json=False, empty="") if rows else None


def size(count: int | None) -> str | None:
    """Bytes in words: three digits and a binary unit."""
    if count is None:
        return None
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < _KIB:
            return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"  # noqa: PLR2004 - three digits
        value /= _KIB
    return f"{value:.1f} TiB"


def span(seconds: float | None) -> str | None:
    """A duration in words, in its largest unit."""
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
    """How far ahead, and how exactly that is known."""
    if host.clock_offset is None:
        return None
    error = host.facts.get("clock_error")
    return f"{host.clock_offset:+.3f} s" + (f" ±{error:.3f}" if isinstance(error, float) else "")
"""`p2ppool hosts`, `p2ppool host` and `p2ppool pool accept-key`."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2ppool.cli.acting import Name, check_pool
from p2ppool.cli.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.pools.accepting import Offer
    from p2ppool.reports.inventory import HostEntry, HostEvent

_SHOWN_FACTS = ("kernel", "machine", "python3", "mono", "memory")
_SHORT = 12  # characters of a digest that a person compares


def hosts(
    pool: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this pool.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the machines of all pools: what they are, what runs there, their last result and host key."""
    from dataclasses import asdict

    from p2ppool.cli.session import store
    from p2ppool.reports.inventory import inventory

    if pool is not None:
        check_pool(pool)
    found = inventory(store(), pool)
    if as_json:
        print_json([asdict(entry) for entry in found])
    else:
        print_rows([_row(entry) for entry in found], as_json=False, empty="no pool has a host yet")


def host(
    name: Annotated[str, typer.Argument(metavar="HOST", help="Its name or address.")],
    pool: Annotated[str, typer.Option(metavar="NAME", help="The pool that it is in.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many tickets.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what was done on one host, the latest first."""
    from dataclasses import asdict

    from p2ppool.cli.session import store
    from p2ppool.reports.inventory import host_history

    check_pool(pool)
    found = host_history(store(), pool, name, limit)
    if as_json:
        print_json([asdict(event) for event in found])
    else:
        print_rows([_event_row(event) for event in found], as_json=False, empty="nothing was done there yet")


def accept_key(
    pool: Name,
    host_name: Annotated[str, typer.Argument(metavar="HOST", help="Its name or address.")],
    fingerprint: Annotated[
        str | None, typer.Option(metavar="SHA256:…", help="The new key's, as the host's owner tells it.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept it without comparing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept the other host key that a host, or a jump host, has shown in place of the pinned one."""
    from p2ppool.cli.session import store
    from p2ppool.pools.accepting import accept, find_offer
    from p2ppool.pools.register import the_pool
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        found = the_pool(work.session, pool)
        offer = find_offer(work.session, found, host_name)
        if not as_json:
            typer.echo(f"pinned  {offer.old}\noffered {offer.new}")
        _compare(offer, fingerprint, yes=yes)
        accept(work.session, found, offer, f"cli {getpass.getuser()}")
        work.commit()
        answer = {"pool": pool, "host": offer.host.name, "old": offer.old, "new": offer.new}
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"host {answer['host']}: the offered key is pinned now")


def _compare(offer: "Offer", fingerprint: str | None, *, yes: bool) -> None:
    """See that it is the key that is meant.

    Raises:
        UserError: it is another one, or nobody is there to ask.
    """
    if yes and fingerprint is None:
        return
    if fingerprint is None:
        if not sys.stdin.isatty():
            raise UserError("give the offered key's --fingerprint, as the host's owner tells it, or --yes")
        fingerprint = typer.prompt("the new fingerprint, as the host's owner tells it")
    if fingerprint.strip() != offer.new:
        raise UserError(f"the host has shown {offer.new}, which is another key: nothing was changed")


def _row(entry: "HostEntry") -> dict[str, Any]:
    place = entry.address if entry.port is None else f"{entry.address}:{entry.port}"
    return {
        "pool": entry.pool,
        "host": entry.host,
        "address": place,
        "via": entry.jump,
        "state": entry.state,
        **{name: entry.facts.get(name) for name in _SHOWN_FACTS},
        "version": entry.digest[:_SHORT] if entry.digest else None,
        "result": entry.result,
        "when": f"{entry.result_at:%Y-%m-%d %H:%M:%S}Z" if entry.result_at else None,
        "key": entry.key,
    }


def _event_row(event: "HostEvent") -> dict[str, Any]:
    return {
        "ticket": event.ticket,
        "action": event.action,
        "result": event.result,
        "step": event.step,
        "message": event.message,
        "seconds": round(event.seconds, 2),
        "when": f"{event.ended_at:%Y-%m-%d %H:%M:%S}Z",
    }
