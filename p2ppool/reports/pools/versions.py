"""The version on each host, and the hosts that are behind."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from p2ppool.store.models import Host, HostState, Pool
from p2ppool.store.unit_of_work import reading


@dataclass(frozen=True, kw_only=True)
class HostVersion:
    """The version last verified on a host; None if none was.

    Attributes:
        package: NAME@VERSION.
        digest: digest of the bundle: package, config and number of nodes.
        behind: whether it differs from the pool's.
    """

    host: str
    package: str | None
    digest: str | None
    behind: bool


def versions_of(engine: Engine, pool_name: str, wanted: str) -> list[HostVersion]:
    """List the members of the pool, those that are behind first.

    Args:
        engine: the database.
        pool_name: the name of the pool.
        wanted: digest of the bundle that the pool's hosts should have.
    """
    query = (
        select(Host)
        .join(Pool, Pool.id == Host.pool_id)
        .where(Pool.name == pool_name, Host.state == HostState.MEMBER)
        .order_by(Host.id)
    )
    with reading(engine) as work:
        found = [
            HostVersion(
                host=host.name,
                package=host.facts.get("package") if host.digest else None,
                digest=host.digest,
                behind=host.digest != wanted,
            )
            for host in work.session.scalars(query)
        ]
    return sorted(found, key=lambda host: not host.behind)


def behind_counts(session: Session, wanted: Mapping[int, str]) -> dict[int, int]:
    """Count the members of each of these pools that are behind; `wanted` has the digests by pool id."""
    statement = (
        select(Host.pool_id, Host.digest, func.count())
        .where(Host.pool_id.in_(wanted), Host.state == HostState.MEMBER)
        .group_by(Host.pool_id, Host.digest)
    )
    found = dict.fromkeys(wanted, 0)
    for pool_id, digest, hosts in session.execute(statement):
        if digest != wanted[pool_id]:
            found[pool_id] += hosts
    return found
