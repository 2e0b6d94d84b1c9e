"""host-stats: one row for each measurement of a host."""

from typing import Any, Final

from sqlalchemy import Select, func, select

from p2ppool.exports.tables.columns import Column, Table, Type
from p2ppool.store.models import Host, HostSample, Pool, Ticket


def _rows(pool: int) -> Select[Any]:
    return (
        select(HostSample.host_id)
        .join(Ticket, Ticket.id == HostSample.ticket_id)
        .join(Host, Host.id == HostSample.host_id)
        .join(Pool, Pool.id == Ticket.pool_id)
        .where(Ticket.pool_id == pool)
    )


def _parents(pool: int) -> Select[int, int]:
    return (
        select(HostSample.ticket_id, func.count())
        .join(Ticket, Ticket.id == HostSample.ticket_id)
        .where(Ticket.pool_id == pool)
        .group_by(HostSample.ticket_id)
    )


HOST_STATS: Final = Table(
    meaning="One row for each measurement of a host, by the time of the measurement.",
    columns=(
        Column("ticket", HostSample.ticket_id, Type.INTEGER, "number of the action that measured"),
        Column("action", Ticket.action, Type.TEXT, "that action"),
        Column("taken_utc", HostSample.taken_at, Type.TIME, "when the host was measured"),
        Column("pool", Pool.name, Type.TEXT, "name of the pool"),
        Column("host", Host.name, Type.TEXT, "name of the host"),
        Column("address", Host.address, Type.TEXT, "the host's IP address"),
        Column("port", Host.port, Type.INTEGER, "the host's port for SSH"),
        Column("cores", HostSample.cores, Type.INTEGER, "processor cores"),
        Column(
            "cpu",
            HostSample.cpu,
            Type.NUMBER,
            "busy share of all cores since the measurement before; since boot in the first one",
            "0 … 1",
        ),
        Column(
            "load", HostSample.load, Type.NUMBER, "mean number of processes that want to run, last minute"
        ),
        Column("memory_total", HostSample.memory_total, Type.INTEGER, "memory", "bytes"),
        Column(
            "memory_free", HostSample.memory_free, Type.INTEGER, "memory available without swapping", "bytes"
        ),
        Column(
            "disk_total", HostSample.disk_total, Type.INTEGER, "disk where the pool is installed", "bytes"
        ),
        Column("disk_free", HostSample.disk_free, Type.INTEGER, "free space on it", "bytes"),
        Column("uptime", HostSample.uptime, Type.NUMBER, "time since the host's boot", "seconds"),
        Column(
            "clock_offset",
            HostSample.clock_offset,
            Type.NUMBER,
            "how far the host's clock is ahead of the manager's",
            "seconds",
        ),
        Column("node_rss", HostSample.node_rss, Type.INTEGER, "memory of all processes of its node", "bytes"),
        Column(
            "node_cpu",
            HostSample.node_cpu,
            Type.NUMBER,
            "cores that its node used since the measurement before; since its start in the first one",
            "cores",
        ),
        Column("node_uptime", HostSample.node_uptime, Type.NUMBER, "time since its node's start", "seconds"),
    ),
    moment=HostSample.taken_at,
    parent=HostSample.ticket_id,
    order=(HostSample.host_id,),
    rows=_rows,
    parents=_parents,
)
