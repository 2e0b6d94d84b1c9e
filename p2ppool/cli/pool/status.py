"""Output of `pool list`, `pool status`, and the end of an action."""

from dataclasses import asdict
from typing import Any

import typer
from sqlalchemy import Engine

from p2ppool.cli.terminal.output import print_rows
from p2ppool.errors import UserError
from p2ppool.records.pools import no_such_pool
from p2ppool.reports.actions import tickets
from p2ppool.reports.crawls.snapshots import and_others
from p2ppool.reports.hosts import last_results
from p2ppool.reports.hosts.last_results import HostReport
from p2ppool.reports.nodes.unreachable import unreachable_nodes
from p2ppool.reports.pools import pools
from p2ppool.reports.pools.pools import PoolReport


def pool_rows(engine: Engine) -> list[dict[str, Any]]:
    """Return one row for each pool."""
    return [_pool_row(pool) for pool in pools.pools(engine)]


def pool_status(engine: Engine, name: str) -> dict[str, Any]:
    """Return all that is known about a pool.

    Raises:
        UserError: there is none of that name.
    """
    pool = pools.pool(engine, name)
    if pool is None:
        raise UserError(no_such_pool(name))
    return {
        "pool": _pool_json(pool),
        "unheard": [asdict(node) for node in unreachable_nodes(engine, pool.snapshot.id)]
        if pool.snapshot
        else [],
        "hosts": [_host_row(host) for host in last_results.host_reports(engine, name)],
        "actions": [asdict(ticket) for ticket in tickets.recent_tickets(engine, name)],
    }


def print_status(found: dict[str, Any]) -> None:
    """Print the status for people."""
    pool, snapshot = found["pool"], found["pool"]["snapshot"]
    typer.echo(f"pool {pool['name']} ({pool['state']}), namespace {pool['namespace']}, {pool['package']}")
    if snapshot is None:
        typer.echo(f"no crawl yet: p2ppool pool crawl {pool['name']}")
    else:
        typer.echo(_describe(snapshot))
    for node in found["unheard"]:
        where = f" on {node['host']}" if node["host"] else ""
        typer.echo(f"  {node['address']}{where}: {node['state'].replace('_', ' ')}: {node['error']}")
    for action in found["actions"][:3]:
        when = f"{action['requested_at']:%Y-%m-%d %H:%M:%S}Z"
        typer.echo(f"{when} {action['action']}: {action['state']}: {action['message']}")
    typer.echo()
    print_rows(found["hosts"], as_json=False, empty="")


def _describe(snapshot: dict[str, Any]) -> str:
    own, others = snapshot["answered"] - snapshot["others"], and_others(snapshot["others"])
    parts = [f"{own} of {snapshot['expected']} nodes answered{others}"]
    ghosts = "ghost" if snapshot["ghosts"] == 1 else "ghosts"
    for field, label in (("silent", "silent"), ("ghosts", ghosts), ("left_over", "left over")):
        if snapshot[field]:
            parts.append(f"{snapshot[field]} {label}")
    if snapshot["consistency"] is not None:
        parts.append(f"consistency {snapshot['consistency']:.3f}")
    if not snapshot["complete"]:
        parts.append(f"cut short: {snapshot['reason']}")
    when = f"{snapshot['started_at']:%Y-%m-%d %H:%M:%S}Z"
    return f"crawl of {when} ({snapshot['seconds']:.1f} s): {', '.join(parts)}"


def _pool_json(pool: PoolReport) -> dict[str, Any]:
    """Build the JSON of a pool, by the names that programs have known since the first release."""
    row = asdict(pool)
    if row["snapshot"]:
        row["snapshot"]["thinned"] = row["snapshot"].pop("downsampled")
    return row


def _pool_row(pool: PoolReport) -> dict[str, Any]:
    last = pool.snapshot
    return {
        "name": pool.name,
        "state": pool.state.value,
        "hosts": pool.hosts,
        "failed": pool.failed_hosts,
        "nodes": f"{last.own}/{last.expected}" if last else None,
        "consistency": last.consistency if last else None,
        "last_crawl": f"{last.started_at:%Y-%m-%d %H:%M:%S}Z" if last else None,
        "package": pool.package,
        "running": ", ".join(ticket.action for ticket in pool.running) or None,
    }


def _host_row(host: HostReport) -> dict[str, Any]:
    last = host.last
    return {
        "host": host.name,
        "address": f"{host.address}:{host.port}",
        "is": host.state.value,
        "left": host.left or None,
        "result": "not tried" if last is None else last.error or "done",
        "step": last.step if last else None,
        "message": last.message if last else None,
        "when": f"{last.ended_at:%Y-%m-%d %H:%M:%S}Z" if last else None,
    }
