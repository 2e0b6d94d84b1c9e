"""system-stats: one row for each crawl."""

from typing import Any, Final

from sqlalchemy import Select, literal, select

from p2ppool.exports.tables.columns import Column, Table, Type
from p2ppool.store.models import Pool, Snapshot


def _rows(pool: int) -> Select[Any]:
    return select(Snapshot.id).join(Pool, Pool.id == Snapshot.pool_id).where(Snapshot.pool_id == pool)


def _parents(pool: int) -> Select[int, int]:
    return select(Snapshot.id, literal(1)).where(Snapshot.pool_id == pool)


SYSTEM_STATS: Final = Table(
    meaning="One row for each crawl with the sums over its nodes, by the start of the crawl.",
    columns=(
        Column("snapshot", Snapshot.id, Type.INTEGER, "number of the crawl's snapshot"),
        Column("crawl_started_utc", Snapshot.started_at, Type.TIME, "when the crawl began"),
        Column("pool", Pool.name, Type.TEXT, "name of the pool"),
        Column("ticket", Snapshot.ticket_id, Type.INTEGER, "number of the action that crawled"),
        Column("seconds", Snapshot.seconds, Type.NUMBER, "how long the crawl took", "seconds"),
        Column("complete", Snapshot.complete, Type.FLAG, "whether it was not cut short"),
        Column("reason", Snapshot.reason, Type.TEXT, "why it was cut short"),
        Column("expected", Snapshot.expected, Type.INTEGER, "expected number of nodes"),
        Column("answered", Snapshot.answered, Type.INTEGER, "nodes that answered"),
        Column("silent", Snapshot.silent, Type.INTEGER, "nodes that did not answer"),
        Column("ghosts", Snapshot.ghosts, Type.INTEGER, "nodes for which another one answered"),
        Column(
            "left_over",
            Snapshot.left_over,
            Type.INTEGER,
            "nodes without a complete answer when the crawl ended",
        ),
        Column(
            "consistency",
            Snapshot.consistency,
            Type.NUMBER,
            "mean over the nodes; those that did not answer count as 0",
            "0 … 1",
        ),
        Column("retries", Snapshot.retries, Type.INTEGER, "calls that had to be repeated"),
        Column("tcp", Snapshot.tcp, Type.INTEGER, "connections over TCP, as the nodes count them"),
        Column("udp", Snapshot.udp, Type.INTEGER, "connections over UDP, as the nodes count them"),
        Column("tunnel", Snapshot.tunnel, Type.INTEGER, "connections through other nodes"),
        Column("cons", Snapshot.cons, Type.INTEGER, "connections of all kinds"),
        Column("sas", Snapshot.sas, Type.INTEGER, "security associations"),
        Column(
            "thinned",
            Snapshot.downsampled,
            Type.FLAG,
            "whether its nodes were deleted from node-stats because of its age",
        ),
    ),
    moment=Snapshot.started_at,
    parent=Snapshot.id,
    order=(),
    rows=_rows,
    parents=_parents,
)
