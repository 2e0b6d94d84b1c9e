"""The hosts of a pool at a given moment: their last measurements before it, and the version they ran."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ScalarSelect, and_, select
from sqlalchemy.orm import Session

from p2ppool.actions.catalogue import Action
from p2ppool.places.place import Place, by_hand
from p2ppool.store.models import Host, HostResult, HostSample, HostState, Ticket

_INSTALLING: Final = (Action.CREATE, Action.INSTALL, Action.UPGRADE)
_MOST_INSTALLATIONS: Final = 20  # hardly any host still runs an older one


@dataclass(frozen=True, slots=True)
class HostThen:
    """One host at that moment; what was never measured or reported is None.

    Attributes:
        address: its IP address.
        node_address: its node's address in the overlay.
        cpu: busy share of all its cores, 0 … 1.
        memory: share of its memory in use, 0 … 1.
        node_rss: bytes of memory that its node used.
        version: NAME@VERSION of the package.
        by_hand: the location that a manager has entered.
    """

    name: str
    address: str
    node_address: str | None
    cpu: float | None
    memory: float | None
    node_rss: int | None
    version: str | None
    by_hand: Place | None = None


def hosts_then(session: Session, pool_id: int, moment: datetime | None) -> list[HostThen]:
    """List the pool's hosts of all times in the order in which they were added.

    Args:
        session: the database session.
        pool_id: the id of the pool.
        moment: None for now. For a moment in the past, the version is that of the last creation, installation
            or upgrade before it; a repair by a check leaves no trace here.
    """
    rows = session.execute(_measured(pool_id, moment)).all()
    versions = _versions(session, pool_id, moment, {row[0] for row in rows}) if moment else {}
    return [
        HostThen(
            name=name,
            address=address,
            node_address=node_address,
            cpu=cpu,
            memory=_used(free, total),
            node_rss=rss,
            version=versions.get(host) if moment else _version_now(digest, facts),
            by_hand=by_hand(*set_place),
        )
        for host, name, address, node_address, digest, facts, *set_place, cpu, free, total, rss in rows
    ]


def _measured(pool_id: int, moment: datetime | None) -> Any:
    sample = and_(HostSample.host_id == Host.id, HostSample.ticket_id == _last_sample(moment))
    measured = (HostSample.cpu, HostSample.memory_free, HostSample.memory_total, HostSample.node_rss)
    known = (Host.id, Host.name, Host.address, Host.node_address, Host.digest, Host.facts)
    place = (Host.latitude, Host.longitude, Host.place_label)
    return (
        select(*known, *place, *measured)
        .outerjoin(HostSample, sample)
        .where(Host.pool_id == pool_id, Host.state != HostState.JUMP)
        .order_by(Host.id)
    )


def _last_sample(moment: datetime | None) -> ScalarSelect[int]:
    """Select by one index lookup for each host, however many samples there are."""
    samples = HostSample.__table__.alias("samples")
    query = select(samples.c.ticket_id).where(samples.c.host_id == Host.id)
    if moment is not None:
        query = query.where(samples.c.taken_at <= moment)
    return query.order_by(samples.c.taken_at.desc()).limit(1).correlate(Host).scalar_subquery()


def _versions(session: Session, pool_id: int, moment: datetime, hosts: set[int]) -> dict[int, str]:
    """Return the versions by host id; hosts have many results, but a pool has few installations."""
    found: dict[int, str] = {}
    for ticket_id in _installations(session, pool_id, moment):
        missing = hosts - found.keys()
        if not missing:
            break
        went_well = HostResult.ticket_id == ticket_id, HostResult.error.is_(None)
        results = session.execute(select(HostResult.host_id, HostResult.facts).where(*went_well))
        found |= _packages((host, facts) for host, facts in results if host in missing)
    return found


def _installations(session: Session, pool_id: int, moment: datetime) -> list[int]:
    query = (
        select(Ticket.id)
        .where(Ticket.pool_id == pool_id, Ticket.ended_at <= moment, Ticket.action.in_(_INSTALLING))
        .order_by(Ticket.ended_at.desc())
        .limit(_MOST_INSTALLATIONS)
    )
    return list(session.scalars(query))


def _packages(results: Iterable[tuple[int, dict[str, Any] | None]]) -> dict[int, str]:
    packages = ((host, (facts or {}).get("package")) for host, facts in results)
    return {host: str(package) for host, package in packages if package}


def _version_now(digest: str | None, facts: dict[str, Any] | None) -> str | None:
    package = (facts or {}).get("package")
    return str(package) if digest and package else None


def _used(free: int | None, total: int | None) -> float | None:
    return None if free is None or not total else 1 - free / total
