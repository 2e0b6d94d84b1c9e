"""Node configs with which a user's own node joins a pool."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.overlay.snapshot import NodeState
from p2ppool.reports.hosts.last_results import went_well_last
from p2ppool.software.bundle.node_config import PoolNetwork, TransportAddress, host_config
from p2ppool.software.bundle.node_config_xml import write_node_config
from p2ppool.store.models import Host, HostState, NodeSample, Pool, Snapshot

MOST_HOSTS: Final = 200
"""The largest number of hosts in a config: more make it longer, but joining no more likely."""


def joining_config(session: Session, pool: Pool) -> bytes:
    """Build the config as XML; it lists hosts that are online, or all if none is known to be.

    A host is online if it answered in the last crawl or, if none did, took part in the last action.
    """
    chosen = _online(session, pool) or _members(session, pool)
    return write_node_config(host_config(_network(pool), _points(pool, chosen)))


def meeting_points(session: Session, pool: Pool) -> tuple[TransportAddress, ...]:
    """Return transport addresses for members of a group: hosts that are online, filled up with others.

    Such a config is used for months: a host that is down today may be the only one that is up then.
    """
    online = _online(session, pool)
    others = [address for address in _members(session, pool) if address not in set(online)]
    return _points(pool, online + others[: max(0, MOST_HOSTS - len(online))])


def _points(pool: Pool, addresses: Sequence[str]) -> tuple[TransportAddress, ...]:
    return tuple(_network(pool).transport_addresses(spread(addresses, MOST_HOSTS)))


def _network(pool: Pool) -> PoolNetwork:
    return PoolNetwork(pool.namespace, pool.udp_port, pool.tcp_port)


def spread(addresses: Sequence[str], most: int) -> list[str]:
    """Pick at most so many of them, evenly spaced over the whole list."""
    if len(addresses) <= most:
        return list(addresses)
    return [addresses[number * len(addresses) // most] for number in range(most)]


def _online(session: Session, pool: Pool) -> list[str]:
    members = _members(session, pool)
    answered = _answered(session, pool)
    if found := [address for address in members if address in answered]:
        return found
    well = went_well_last(session, pool.id)
    known = select(Host.address).where(Host.id.in_(well), Host.state == HostState.MEMBER).order_by(Host.id)
    return list(session.scalars(known))


def _members(session: Session, pool: Pool) -> list[str]:
    query = select(Host.address).where(Host.pool_id == pool.id, Host.state == HostState.MEMBER)
    return list(session.scalars(query.order_by(Host.id)))


def _answered(session: Session, pool: Pool) -> set[str]:
    """Return the IP addresses of the nodes that answered in the last crawl."""
    last = (
        select(Snapshot.id)
        .where(Snapshot.pool_id == pool.id)
        .order_by(Snapshot.started_at.desc(), Snapshot.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(NodeSample.ip).where(
        NodeSample.snapshot_id == last, NodeSample.state == NodeState.ANSWERED, NodeSample.ip.is_not(None)
    )
    return {ip for ip in session.scalars(query) if ip}
