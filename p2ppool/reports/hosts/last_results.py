"""The result of the last action on each host of a pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, Select, and_, select
from sqlalchemy.orm import Session

from p2ppool.records.repairs import repair_in
from p2ppool.reports.last import last_result_of_host
from p2ppool.store.models import Host, HostResult, HostState, Pool, PoolState, Ticket
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class LastResult:
    """The result of the last action on a host; `error` is a kind of error, or None for success."""

    action: str
    error: str | None
    step: str
    message: str
    seconds: float
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class HostReport:
    """One machine of a pool.

    Attributes:
        left: what may remain of the pool there: software, only a fence, or (empty) nothing.
        last: None if nothing was done on it yet.
    """

    id: int
    name: str
    address: str
    port: int
    state: HostState
    left: str
    last: LastResult | None


def host_reports(engine: Engine, pool_name: str) -> list[HostReport]:
    """List the pool's hosts: those with an error first, otherwise in the order in which they were added."""
    with reading(engine) as work:
        found = [_report(row) for row in work.session.execute(_hosts_with_last_result(pool_name))]
    return sorted(found, key=lambda host: host.last is None or host.last.error is None)


@dataclass(frozen=True, kw_only=True)
class HostResultReport:
    """The result of one action on one host, and the facts that the host reported."""

    host: str
    error: str | None
    step: str
    message: str
    facts: Mapping[str, Any]


def results_of_ticket(engine: Engine, ticket_id: int) -> list[HostResultReport]:
    """List the results of that action on each host, in the order in which they were added."""
    query = (
        select(Host.name, HostResult)
        .join(HostResult, HostResult.host_id == Host.id)
        .where(HostResult.ticket_id == ticket_id)
        .order_by(Host.id)
    )
    with reading(engine) as work:
        return [
            HostResultReport(
                host=name, error=result.error, step=result.step, message=result.message, facts=result.facts
            )
            for name, result in work.session.execute(query)
        ]


def went_well_last(session: Session, pool_id: int) -> set[int]:
    """Return the ids of the pool's hosts whose latest result is a success."""
    query = (
        select(Host.id)
        .join(HostResult, HostResult.host_id == Host.id)
        .where(Host.pool_id == pool_id, HostResult.ticket_id == last_result_of_host())
        .where(HostResult.error.is_(None))
    )
    return set(session.scalars(query))


def _hosts_with_last_result(pool_name: str) -> Select[Host, HostResult, str]:
    to_be_cleared = Host.touched & (Pool.state == PoolState.STOPPED)
    return (
        select(Host, HostResult, Ticket.action)
        .join(Pool, Pool.id == Host.pool_id)
        .outerjoin(
            HostResult,
            and_(HostResult.host_id == Host.id, HostResult.ticket_id == last_result_of_host()),
        )
        .outerjoin(Ticket, Ticket.id == HostResult.ticket_id)
        .where(Pool.name == pool_name, (Host.state != HostState.GONE) | to_be_cleared)
        .where(Host.state != HostState.JUMP)
        .order_by(Host.id)
    )


def _report(row: Row[Host, HostResult, str]) -> HostReport:
    host, result, action = row
    return HostReport(
        id=host.id,
        name=host.name,
        address=host.address,
        port=host.port,
        state=host.state,
        left=_left(host, result),
        last=_last(result, action),
    )


def _left(host: Host, result: HostResult | None) -> str:
    if not host.touched:
        return ""
    return "fence" if host.digest is None and result is not None and result.error is None else "software"


def _last(result: HostResult | None, action: str) -> LastResult | None:
    if result is None:
        return None
    return LastResult(
        action=action,
        error=result.error,
        step=result.step,
        message=result.message or repair_in(result.facts),
        seconds=result.seconds,
        ended_at=result.ended_at,
    )
