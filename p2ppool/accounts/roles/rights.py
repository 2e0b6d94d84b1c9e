"""What somebody may do: their role in the whole installation, and those on single pools. No database.

On a pool the higher of the two counts. What each role allows is in p2ppool/actions/permissions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from p2ppool.store.states import PoolRole, Role

EVERYWHERE: Final[Mapping[Role, PoolRole | None]] = MappingProxyType(
    {Role.MANAGER: PoolRole.MANAGER, Role.VIEWER: PoolRole.VIEWER, Role.MEMBER: None}
)
"""What a role in the whole installation is on each pool."""


@dataclass(frozen=True)
class Rights:
    """What somebody may do at this moment.

    Attributes:
        everywhere: their role on every pool, also on later ones; None: none.
        on_pools: their roles on single pools, by name.
        pool_ids: the ids of those pools.
    """

    everywhere: PoolRole | None = None
    on_pools: Mapping[str, PoolRole] = field(default_factory=dict)
    pool_ids: frozenset[int] = frozenset()

    @property
    def sees_all(self) -> bool:
        """Whether they may look at every pool."""
        return self.everywhere is not None

    @property
    def highest(self) -> PoolRole | None:
        """Their highest role on any pool."""
        own = {self.everywhere, *self.on_pools.values()}
        return next((role for role in reversed(PoolRole) if role in own), None)

    def on(self, pool: str) -> PoolRole | None:
        """Return their role on the pool of that name; None: for them there is no such pool."""
        own = self.on_pools.get(pool)
        if own is None or (self.everywhere is not None and self.everywhere.includes(own)):
            return self.everywhere
        return own

    def include(self, role: PoolRole, pool: str) -> bool:
        """Tell whether they have that role, or a higher one, on the pool of that name."""
        own = self.on(pool)
        return own is not None and own.includes(role)

    def capped(self, most: PoolRole) -> "Rights":
        """Return the same rights, but none above `most`."""
        everywhere = self.everywhere and _lower(self.everywhere, most)
        on_pools = {pool: _lower(role, most) for pool, role in self.on_pools.items()}
        return Rights(everywhere, on_pools, self.pool_ids)


NO_RIGHTS: Final = Rights()
LOOKING: Final = Rights(PoolRole.VIEWER)
"""The rights of those who may look at every pool."""
ALL_RIGHTS: Final = Rights(PoolRole.MANAGER)


def _lower(one: PoolRole, other: PoolRole) -> PoolRole:
    return other if one.includes(other) else one
