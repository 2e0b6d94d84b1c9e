"""The nodes that a crawl knows of but got no answer from:
which, why, and on which host they last answered.
"""

from dataclasses import dataclass

from sqlalchemy import Engine, ScalarSelect, select
from sqlalchemy.orm import aliased

from p2ppool.store.models import Host, Node, NodeSample, Snapshot
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class UnreachableNode:
    """One node without an answer of its own; `host` is None if no host of the pool has its last address."""

    address: str
    state: str
    error: str
    host: str | None


def unreachable_nodes(engine: Engine, snapshot_id: int) -> list[UnreachableNode]:
    """List silent nodes, ghosts and those left over in a snapshot, by address."""
    statement = (
        select(Node.address, NodeSample.state, NodeSample.error, Host.name)
        .join(Node, Node.id == NodeSample.node_id)
        .join(Snapshot, Snapshot.id == NodeSample.snapshot_id)
        .outerjoin(Host, (Host.pool_id == Snapshot.pool_id) & (Host.address == last_ip_of_node()))
        .where(NodeSample.snapshot_id == snapshot_id, NodeSample.state != "answered")
        .order_by(Node.address, Host.id)
    )
    with reading(engine) as work:
        found = {
            address: UnreachableNode(address=address, state=state, error=error, host=host)
            for address, state, error, host in work.session.execute(statement)
        }
    return list(found.values())


def last_ip_of_node() -> ScalarSelect[str | None]:
    """Return the IP address that a node last reported; for statements on `NodeSample`."""
    earlier = aliased(NodeSample)
    return (
        select(earlier.ip)
        .where(
            earlier.node_id == NodeSample.node_id,
            earlier.snapshot_id <= NodeSample.snapshot_id,
            earlier.ip.is_not(None),
        )
        .order_by(earlier.snapshot_id.desc())
        .limit(1)
        .correlate(NodeSample)
        .scalar_subquery()
    )
