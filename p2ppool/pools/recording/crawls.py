"""Stores crawls: one snapshot with a sample for each node."""

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from p2ppool.overlay.snapshot import Crawl, CrawledNode, NodeState
from p2ppool.pools.recording.own_nodes import OwnNodes
from p2ppool.store.models import Node, NodeSample, Pool, Snapshot

_IN_BATCH = 500  # values in one IN list, well below SQLite's limit


def keep_crawl(session: Session, pool: Pool, ticket_id: int | None, crawl: Crawl) -> Snapshot:
    """Store the findings of `crawl`, even if it was cut short; the caller commits.

    The same crawl of an action is stored only once: a caller that lost the database after the commit, but
    before learning of it, repeats the call.
    """
    if stored := _stored(session, pool, ticket_id, crawl):
        return stored
    own = OwnNodes.of(session, pool)
    snapshot = _snapshot(pool, ticket_id, crawl, own)
    session.add(snapshot)
    session.flush()
    ids = _node_ids(session, pool.id, crawl)
    samples = [_sample(snapshot.id, ids[node.address], node, own) for node in crawl.nodes]
    if samples:
        session.execute(insert(NodeSample), samples)
    return snapshot


def answered_last_time(session: Session, pool_id: int) -> list[str]:
    """Return the addresses of the nodes that answered in the pool's last crawl."""
    last = (
        select(Snapshot.id)
        .where(Snapshot.pool_id == pool_id)
        .order_by(Snapshot.started_at.desc(), Snapshot.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Node.address)
        .join(NodeSample, NodeSample.node_id == Node.id)
        .where(NodeSample.snapshot_id == last, NodeSample.state == NodeState.ANSWERED)
    )
    return list(session.scalars(query))


def expected_nodes(pool: Pool) -> int:
    """Return the expected number of nodes: those of every host, and the local node."""
    return len(pool.hosts) * pool.nodes_per_process + 1


def _stored(session: Session, pool: Pool, ticket_id: int | None, crawl: Crawl) -> Snapshot | None:
    if ticket_id is None:
        return None
    query = select(Snapshot).where(Snapshot.ticket_id == ticket_id, Snapshot.started_at == crawl.started_at)
    return session.scalar(query.where(Snapshot.pool_id == pool.id))


def _snapshot(pool: Pool, ticket_id: int | None, crawl: Crawl, own: OwnNodes) -> Snapshot:
    sums = crawl.sums
    return Snapshot(
        pool_id=pool.id,
        ticket_id=ticket_id,
        started_at=crawl.started_at,
        seconds=crawl.seconds,
        complete=crawl.complete,
        reason=str(crawl.reason),
        expected=expected_nodes(pool),
        answered=crawl.answered,
        others=own.others(crawl, expected_nodes(pool)),
        silent=crawl.silent,
        ghosts=crawl.ghosts,
        left_over=crawl.left_over,
        consistency=crawl.consistency,
        retries=sums.retries,
        tcp=sums.tcp,
        udp=sums.udp,
        tunnel=sums.tunnel,
        cons=sums.cons,
        sas=sums.sas,
    )


def _node_ids(session: Session, pool_id: int, crawl: Crawl) -> dict[str, int]:
    """Return the row id of each address; create rows for addresses seen for the first time."""
    addresses = [node.address for node in crawl.nodes]
    ids = _known(session, pool_id, addresses)
    new = [address for address in addresses if address not in ids]
    if new:
        rows = [
            {"pool_id": pool_id, "address": address, "first_seen_at": crawl.started_at} for address in new
        ]
        session.execute(insert(Node), rows)
        ids |= _known(session, pool_id, new)
    return ids


def _known(session: Session, pool_id: int, addresses: list[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for start in range(0, len(addresses), _IN_BATCH):
        batch = addresses[start : start + _IN_BATCH]
        query = select(Node.address, Node.id).where(Node.pool_id == pool_id, Node.address.in_(batch))
        ids.update((address, node_id) for address, node_id in session.execute(query))
    return ids


def _sample(snapshot_id: int, node_id: int, node: CrawledNode, own: OwnNodes) -> dict[str, Any]:
    return {
        "snapshot_id": snapshot_id,
        "node_id": node_id,
        "state": str(node.state),
        "left": node.left,
        "right": node.right,
        "left2": node.left2,
        "right2": node.right2,
        "shortcuts": " ".join(node.shortcuts),
        "bits": _write_bits(node),
        "consistency": node.consistency,
        "type": node.type,
        "ip": own.ip_of(node),
        "virtual_ip": node.virtual_ip,
        "ip_namespace": node.ip_namespace,
        "geo_loc": node.geo_loc,
        "tcp": node.tcp,
        "udp": node.udp,
        "tunnel": node.tunnel,
        "cons": node.cons,
        "sas": node.sas,
        "wedges": node.wedges,
        "subring": node.subring,
        "retries": node.retries,
        "seconds": node.seconds,
        "error": node.error,
    }


def _write_bits(node: CrawledNode) -> str:
    return "".join("-" if bit is None else str(int(bit)) for bit in node.bits)
