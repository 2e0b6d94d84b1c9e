"""The version that the hosts of each pool should have, cached because building a bundle is expensive."""

import time
from collections.abc import Hashable, Mapping
from threading import Lock

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError
from p2ppool.pools.rollout.bundles import bundle_for_hosts
from p2ppool.settings import Settings
from p2ppool.store.models import Host, HostState, Pool, PoolState
from p2ppool.store.unit_of_work import reading


class ExpectedVersions:
    """The digests of pools' bundles; each is built once for the same ingredients."""

    def __init__(self, config: Settings) -> None:
        """Start empty; `config` gives the store of packages and their size limits."""
        self._config = config
        self._lock = Lock()
        self._known: dict[int, tuple[Hashable, str | None]] = {}

    def of_active_pools(self, engine: Engine, seconds: float) -> Mapping[int, str]:
        """Return the digests by pool id, computing unknown ones for about `seconds`.

        A pool is missing as long as its digest is unknown, or if its package is unusable.
        """
        with self._lock, reading(engine) as work:
            made_of = _made_of(work.session)
            for pool_id in self._known.keys() - made_of.keys():
                del self._known[pool_id]
            self._learn(work.session, made_of, time.monotonic() + seconds)
            return {
                pool_id: digest
                for pool_id, (ingredients, digest) in self._known.items()
                if digest is not None and ingredients == made_of[pool_id]
            }

    def _learn(self, session: Session, made_of: Mapping[int, Hashable], deadline: float) -> None:
        for pool_id, ingredients in made_of.items():
            if time.monotonic() > deadline:
                return
            if self._known.get(pool_id, (None,))[0] != ingredients:
                self._known[pool_id] = (ingredients, self._digest(session.get_one(Pool, pool_id)))

    def _digest(self, pool: Pool) -> str | None:
        try:
            return bundle_for_hosts(pool, self._config).digest
        except UserError:  # the next action on the pool reports it
            return None


def _made_of(session: Session) -> dict[int, Hashable]:
    """Return what each active pool's bundle depends on; hosts change in turns, each with its own fence."""
    columns = (
        *(Pool.package_id, Pool.runtime_id, Pool.namespace, Pool.udp_port, Pool.tcp_port),
        *(Pool.nodes_per_process, Pool.adapt_package, Pool.fence),
    )
    statement = (
        select(Pool.id, *columns, func.count(Host.id), func.sum(Host.id))
        .outerjoin(Host, (Host.pool_id == Pool.id) & (Host.state == HostState.MEMBER))
        .where(Pool.state == PoolState.ACTIVE)
        .group_by(Pool.id, *columns)
    )
    return {row[0]: tuple(row[1:]) for row in session.execute(statement)}
