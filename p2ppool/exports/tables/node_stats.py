"""node-stats: one row for each node of each crawl."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select

from p2ppool.exports.tables.columns import Column, Table, Type
from p2ppool.store.models import Host, HostState, Node, NodeSample, Pool, Snapshot

_SAMPLES: Final = Snapshot.answered + Snapshot.silent + Snapshot.ghosts + Snapshot.left_over


def _names_of_hosts() -> Subquery:
    """Select host names by pool and IP address; machines behind one address are all listed,
    in the order of addition.
    """
    each = (
        select(Host.pool_id, Host.address, Host.name, func.min(Host.id).label("first"))
        .where(Host.state != HostState.JUMP)
        .group_by(Host.pool_id, Host.address, Host.name)
        .order_by(func.min(Host.id))
        .subquery()
    )
    return (
        select(each.c.pool_id, each.c.address, func.aggregate_strings(each.c.name, ", ").label("names"))
        .group_by(each.c.pool_id, each.c.address)
        .subquery("host_names")
    )


_HOSTS: Final = _names_of_hosts()


def _health() -> ColumnElement[str]:
    """Return the health as on the pages (p2ppool/reports/nodes/nodes.py)."""
    return case(
        (NodeSample.state != "answered", NodeSample.state),
        (NodeSample.bits.contains("0"), literal("inconsistent")),
        else_=literal("consistent"),
    )


def _rows(pool: int) -> Select[Any]:
    return (
        select(Snapshot.id)
        .select_from(Snapshot)
        .join(Pool, Pool.id == Snapshot.pool_id)
        .join(NodeSample, NodeSample.snapshot_id == Snapshot.id)
        .join(Node, Node.id == NodeSample.node_id)
        .outerjoin(_HOSTS, (_HOSTS.c.pool_id == Snapshot.pool_id) & (_HOSTS.c.address == NodeSample.ip))
        # By the range of ids rather than an index of pools' snapshots: so nothing has to be sorted.
        .where(Snapshot.pool_id + 0 == pool)
    )


def _parents(pool: int) -> Select[int, int]:
    """Select the number of nodes of each crawl: every node that it knows of is in one of the four sums."""
    return select(Snapshot.id, case((Snapshot.downsampled, 0), else_=_SAMPLES)).where(
        Snapshot.pool_id == pool
    )


NODE_STATS: Final = Table(
    meaning="One row for each node of each crawl, by the start of the crawl.",
    columns=(
        Column("snapshot", Snapshot.id, Type.INTEGER, "number of the crawl's snapshot"),
        Column("crawl_started_utc", Snapshot.started_at, Type.TIME, "when the crawl began"),
        Column("pool", Pool.name, Type.TEXT, "name of the pool"),
        Column("node", Node.address, Type.TEXT, "the node's address in the overlay"),
        Column("state", NodeSample.state, Type.TEXT, "answered, silent, ghost or left_over"),
        Column(
            "health", _health(), Type.TEXT, "consistent or inconsistent if it answered; otherwise the state"
        ),
        Column("host", _HOSTS.c.names, Type.TEXT, "the pool's hosts that have its IP address today"),
        Column("ip", NodeSample.ip, Type.TEXT, "the node's IP address; empty if it did not answer"),
        Column("left", NodeSample.left, Type.TEXT, "overlay address of its left neighbour"),
        Column("right", NodeSample.right, Type.TEXT, "overlay address of its right neighbour"),
        Column("left2", NodeSample.left2, Type.TEXT, "overlay address of its second left neighbour"),
        Column("right2", NodeSample.right2, Type.TEXT, "overlay address of its second right neighbour"),
        Column(
            "shortcuts",
            NodeSample.shortcuts,
            Type.TEXT,
            "overlay addresses of its shortcuts, space-separated",
        ),
        Column("type", NodeSample.type, Type.TEXT, "type of the node, as it reports"),
        Column(
            "consistency",
            NodeSample.consistency,
            Type.NUMBER,
            "share of its neighbours that name it back; 0 for one that did not answer",
            "0 … 1",
        ),
        Column("retries", NodeSample.retries, Type.INTEGER, "calls that had to be repeated"),
        Column("tcp", NodeSample.tcp, Type.INTEGER, "connections over TCP"),
        Column("udp", NodeSample.udp, Type.INTEGER, "connections over UDP"),
        Column("tunnel", NodeSample.tunnel, Type.INTEGER, "connections through other nodes"),
        Column("cons", NodeSample.cons, Type.INTEGER, "connections of all kinds"),
        Column("sas", NodeSample.sas, Type.INTEGER, "security associations"),
        Column("wedges", NodeSample.wedges, Type.INTEGER, "wrapped edges, with secure edges only"),
        Column("subring", NodeSample.subring, Type.INTEGER, "connections within its sub-ring"),
        Column("virtual_ip", NodeSample.virtual_ip, Type.TEXT, "its address in the virtual network"),
        Column("ip_namespace", NodeSample.ip_namespace, Type.TEXT, "the namespace of its virtual network"),
        Column("place", NodeSample.geo_loc, Type.TEXT, "its location, as it reports: latitude, longitude"),
        Column("seconds", NodeSample.seconds, Type.NUMBER, "round trip of the call", "seconds"),
        Column("error", NodeSample.error, Type.TEXT, "why there is no answer"),
    ),
    moment=Snapshot.started_at,
    parent=Snapshot.id,
    order=(NodeSample.node_id,),
    rows=_rows,
    parents=_parents,
)
