"""What each role on a pool allows: the one place that decides. No database.

What an action needs is a column of the catalogue of actions; what else can be done with a pool is here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from p2ppool.accounts.roles.rights import Rights
from p2ppool.actions.catalogue import Action
from p2ppool.store.states import PoolRole


class Act(StrEnum):
    """What can be done with an existing pool besides the actions."""

    LOOK = "look"  # at its pages, exports and config
    DOWNLOAD = "download"  # what was gathered from its hosts: logs may hold what only operators should read
    EDIT = "edit"  # its description, and what else affects no host
    SET_VIEW = "set view"  # the default view of its table of nodes
    GIVE_ROLES = "give roles"  # on this pool


NEEDED: Final[Mapping[Act, PoolRole]] = MappingProxyType(
    {
        Act.LOOK: PoolRole.VIEWER,
        Act.DOWNLOAD: PoolRole.OPERATOR,
        Act.EDIT: PoolRole.MANAGER,
        Act.SET_VIEW: PoolRole.MANAGER,
        Act.GIVE_ROLES: PoolRole.MANAGER,
    }
)
"""The least role on the pool for each."""


def needed(what: Action | Act) -> PoolRole:
    """Return the least role on a pool for that."""
    return what.row.needs if isinstance(what, Action) else NEEDED[what]


def may(rights: Rights, what: Action | Act, pool: str) -> bool:
    """Tell whether somebody with these rights may do that with the pool of that name."""
    return rights.include(needed(what), pool)


def action_named(name: str) -> Action | None:
    """Return the action of that name; None: there is none in this release, and only managers may touch it."""
    return Action(name) if name in set(Action) else None


def may_request(rights: Rights, action: str, pool: str) -> bool:
    """Tell whether they may request, cancel or retry the action of that name on the pool."""
    known = action_named(action)
    return rights.include(PoolRole.MANAGER if known is None else needed(known), pool)
