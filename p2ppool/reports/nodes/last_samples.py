"""The samples of pools' last crawls, cached until a later one arrives, since maps are redrawn often."""

from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from sqlalchemy import Engine, and_, func, select
from sqlalchemy.orm import Session, aliased

from p2ppool.reports.crawls.snapshots import SnapshotSummary
from p2ppool.reports.nodes.nodes import snapshot_nodes
from p2ppool.store.models import Node, NodeSample
from p2ppool.store.unit_of_work import reading

COLUMNS: Final = ("address", "health", "host", "local", "ip", "ip_namespace", "consistency", "geo_loc")
"""The columns that are kept of each node: see p2ppool.reports.nodes.nodes."""

_MOST_POOLS: Final = 1000
Rows = list[dict[Any, Any]]

_remembered: WeakKeyDictionary[Engine, LRUCache[int, tuple[SnapshotSummary, Rows]]] = WeakKeyDictionary()
_reading = Lock()  # several parts of a page read at the same time, and one read serves all


def last_samples(engine: Engine, pool_id: int, snapshot: SnapshotSummary) -> Rows:
    """Return the nodes of the pool's last snapshot as rows; silent nodes have their last reported location.

    A snapshot never changes; only the last one of each pool is kept.
    """
    with _reading:
        known = _remembered.setdefault(engine, LRUCache(_MOST_POOLS))
        if pool_id not in known or known[pool_id][0] != snapshot:
            known[pool_id] = (snapshot, _read(engine, snapshot.id))
        return known[pool_id][1]


def _read(engine: Engine, snapshot_id: int) -> Rows:
    nodes = snapshot_nodes(engine, snapshot_id)[list(COLUMNS)]
    with reading(engine) as work:
        coordinates = _earlier_coordinates(work.session, snapshot_id)
    return [
        row | {"geo_loc": row["geo_loc"] or coordinates.get(row["address"])}
        for row in nodes.to_dict("records")
    ]


def _earlier_coordinates(session: Session, snapshot_id: int) -> dict[str, str]:
    """Return by address the last coordinates of nodes that did not answer:
    they are assumed not to have moved.
    """
    earlier, node = aliased(NodeSample), NodeSample
    last = (
        select(func.max(earlier.snapshot_id))
        .where(earlier.node_id == node.node_id, earlier.snapshot_id < snapshot_id)
        .where(earlier.geo_loc.is_not(None))
        .correlate(node)
        .scalar_subquery()
    )
    then = aliased(NodeSample)
    statement = (
        select(Node.address, then.geo_loc)
        .join(node, node.node_id == Node.id)
        .join(then, and_(then.node_id == node.node_id, then.snapshot_id == last))
        .where(node.snapshot_id == snapshot_id, node.state != "answered")
    )
    return {address: coordinates for address, coordinates in session.execute(statement) if coordinates}
