"""The machines of all pools, and the history of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, select

from p2ppool.errors import UserError, one_line
from p2ppool.fleet.transport.host_key import fingerprint
from p2ppool.reports.last import last_result_of_host
from p2ppool.store.models import Host, HostResult, HostSample, HostState, Pool, Ticket
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class HostEntry:
    """A machine in a pool; unknown values are None, and unknown `facts` are empty."""

    pool: str
    host: str
    address: str
    port: int | None
    state: str
    jump: str | None
    facts: Mapping[str, Any]
    facts_at: datetime | None
    digest: str | None
    key: str | None
    result: str | None
    result_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class HostEvent:
    """The effect of one ticket on a host; `sample` holds only what was measured."""

    ticket: int
    action: str
    result: str
    step: str
    message: str
    seconds: float
    ended_at: datetime
    facts: Mapping[str, Any]
    sample: Mapping[str, Any]


def inventory(engine: Engine, pool_name: str | None = None) -> list[HostEntry]:
    """List the machines of all pools or of one, by pool and in the order of their lists;
    includes jump hosts.
    """
    last = and_(HostResult.host_id == Host.id, HostResult.ticket_id == last_result_of_host())
    query = (
        select(Host, Pool.name, HostResult)
        .join(Pool, Pool.id == Host.pool_id)
        .outerjoin(HostResult, last)
        .where((Host.state != HostState.GONE) | Host.touched)
        .order_by(Pool.name, Host.id)
    )
    if pool_name is not None:
        query = query.where(Pool.name == pool_name)
    with reading(engine) as work:
        return [_entry(host, pool, result) for host, pool, result in work.session.execute(query)]


def host_history(engine: Engine, pool_name: str, host_name: str, limit: int) -> list[HostEvent]:
    """List what was done on the host of that name or address, the latest first.

    Raises:
        UserError: the pool has no such host.
    """
    named = (Host.name == host_name) | (Host.address == host_name)
    hosts = select(Host.id).join(Pool, Pool.id == Host.pool_id).where(Pool.name == pool_name, named)
    measured = and_(HostSample.host_id == HostResult.host_id, HostSample.ticket_id == HostResult.ticket_id)
    with reading(engine) as work:
        ids = list(work.session.scalars(hosts))
        if not ids:
            raise UserError(f"pool {pool_name} has no host {one_line(host_name, 60)!r}: see `p2ppool hosts`")
        query = (
            select(HostResult, Ticket.action, HostSample)
            .join(Ticket, Ticket.id == HostResult.ticket_id)
            .outerjoin(HostSample, measured)
            .where(HostResult.host_id.in_(ids))
            .order_by(HostResult.ticket_id.desc(), HostResult.host_id)
            .limit(limit)
        )
        return [_event(result, action, sample) for result, action, sample in work.session.execute(query)]


def _entry(host: Host, pool: str, result: HostResult | None) -> HostEntry:
    return HostEntry(
        pool=pool,
        host=host.name,
        address=host.address,
        port=None if host.is_manager else abs(host.port),
        state="manager" if host.is_manager and host.state is HostState.MEMBER else host.state.value,
        jump=None if host.state is HostState.JUMP else host.jump,
        facts=host.facts,
        facts_at=host.facts_at,
        digest=host.digest,
        key=fingerprint(host.host_key) if host.host_key else None,
        result=None if result is None else result.error or "done",
        result_at=result.ended_at if result else None,
    )


def _event(result: HostResult, action: str, sample: HostSample | None) -> HostEvent:
    return HostEvent(
        ticket=result.ticket_id,
        action=action,
        result=result.error or "done",
        step=result.step,
        message=result.message,
        seconds=result.seconds,
        ended_at=result.ended_at,
        facts=result.facts,
        sample=_measured(sample) if sample else {},
    )


def _measured(sample: HostSample) -> dict[str, Any]:
    columns = [column.key for column in HostSample.__table__.columns]
    values = {name: getattr(sample, name) for name in columns if name not in {"ticket_id", "host_id"}}
    return {name: value for name, value in values.items() if value is not None}
