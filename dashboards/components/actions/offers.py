"""What can be asked of a pool from its card and its page; what that does to others, docs/turns.md tells."""

from typing import Final

from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action
from p2ppool.store.states import PoolState

RETRY: Final = "retry"
"""Not an action of its own: the latest one again, on the hosts that it left behind."""


def has_button(action: str) -> bool:
    """Return whether `action`, which may be any text, is one that a button starts."""
    return action in set(Action) and not Action(action).row.form


def offered(state: PoolState) -> list[Action]:
    """List the actions whose buttons a pool in this state shows."""
    return [
        action
        for action in Action
        if has_button(action)
        and rules.refusal(action, state) is None
        and action.row.offered_in in {None, state}
    ]


def may_upgrade(state: PoolState) -> bool:
    """Return whether a pool in this state can be upgraded, for which Prefect has the form."""
    return rules.refusal(Action.UPGRADE, state) is None
