"""The latest measurements of each host of a pool."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Engine, Row, and_, select

from p2ppool.reports.last import last_sample_of_host
from p2ppool.store.models import Host, HostSample, HostState, Pool
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class HostMeasured:
    """One host; everything but names and facts is None if it was not measured or the host does not report it.

    Attributes:
        cpu: busy share of all its cores, 0 … 1, since the measurement before.
        load: mean number of runnable processes in the last minute.
        memory_total: bytes, like `memory_free`, `disk_total`, `disk_free` and `node_rss`.
        uptime: seconds.
        clock_offset: seconds by which its clock is ahead of the manager's.
        node_cpu: cores that its node used since the measurement before.
        node_uptime: seconds.
        facts: machine facts: kernel, machine, python3, mono, ifconfig (empty if absent), clock_error (largest
            error of `clock_offset` in seconds) …
    """

    id: int
    name: str
    address: str
    port: int
    facts: dict[str, Any]
    facts_at: datetime | None
    taken_at: datetime | None = None
    cores: int | None = None
    cpu: float | None = None
    load: float | None = None
    memory_total: int | None = None
    memory_free: int | None = None
    disk_total: int | None = None
    disk_free: int | None = None
    uptime: float | None = None
    clock_offset: float | None = None
    node_rss: int | None = None
    node_cpu: float | None = None
    node_uptime: float | None = None

    @classmethod
    def of(cls, row: Row[Host, HostSample]) -> Self:
        """Build the report from a row of the database."""
        host, sample = row
        given = {name: getattr(host, name) for name in ("id", "name", "address", "port", "facts_at")}
        if sample is not None:
            given |= {name: getattr(sample, name) for name in _MEASURED}
        return cls(**given, facts=dict(host.facts or {}))


_OF_HOST = {"id", "name", "address", "port", "facts", "facts_at"}
_MEASURED = [field.name for field in fields(HostMeasured) if field.name not in _OF_HOST]


def host_stats(engine: Engine, pool_name: str) -> list[HostMeasured]:
    """List the pool's hosts in the order in which they were added, with the latest sample of each."""
    query = (
        select(Host, HostSample)
        .join(Pool, Pool.id == Host.pool_id)
        .outerjoin(
            HostSample,
            and_(HostSample.host_id == Host.id, HostSample.ticket_id == last_sample_of_host()),
        )
        .where(Pool.name == pool_name, Host.state == HostState.MEMBER)
        .order_by(Host.id)
    )
    with reading(engine) as work:
        return [HostMeasured.of(row) for row in work.session.execute(query)]
