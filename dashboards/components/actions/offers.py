"""The actions that a pool's card and page offer; docs/explanation/turns.md tells the rest."""

from typing import Final

from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action
from p2ppool.store.states import PoolState

RETRY: Final = "retry"
"""Not an action of its own: the latest one again, on the hosts that still need it."""


def has_button(action: str) -> bool:
    """Tell whether `action`, which may be any text, is started by a button."""
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
    """Tell whether a pool in this state can be upgraded, with the form in Prefect."""
    return rules.refusal(Action.UPGRADE, state) is None
