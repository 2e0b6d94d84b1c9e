"""The jump hosts of a pool: rows beside its hosts, which store their addresses and pinned keys.

The row of a jump host has the same text in `jump` as the hosts behind it. A host of the pool may also be a
jump host and then has two rows with one address; so the port in a jump host's row is stored as a negative
number.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.fleet.host.target import Target
from p2ppool.fleet.inventory.resolve import ResolvedHost
from p2ppool.store.models import Host, HostState


def keep_jumps(session: Session, pool_id: int, hosts: Iterable[ResolvedHost]) -> None:
    """Store a row for each jump host of these hosts, with its current address; the caller commits."""
    query = select(Host).where(Host.pool_id == pool_id, Host.state == HostState.JUMP)
    known = {(row.address, row.port): row for row in session.scalars(query)}
    for host in hosts:
        if host.jump is None:
            continue
        place = host.jump_address, -host.jump.port
        if place not in known:
            known[place] = Host(pool_id=pool_id, address=place[0], port=place[1], state=HostState.JUMP)
            session.add(known[place])
        known[place].name, known[place].jump = host.jump.name, str(host.jump)
    session.flush()


def jump_target(host: Host) -> Target | None:
    """Return the host's jump host as a target; None if it is reached directly."""
    if host.jump is None or (jump := host.jump_host) is None:
        return None
    return Target(
        key=jump.id,
        name=jump.name,
        address=jump.address,
        port=-jump.port,
        host_key=jump.host_key,
        user=host.jump.rpartition("@")[0],
    )
