"""What can be asked of a pool from its card and its page; what that does to others, docs/turns.md tells."""

from typing import Final

from p2ppool.actions import rules
from p2ppool.actions.rules import Action
from p2ppool.store.models import PoolState

LABELS: Final = {
    Action.CRAWL: "Crawl",
    Action.CHECK: "Check",
    Action.VERIFY: "Verify",
    Action.INSTALL: "Install",
    Action.GATHER_LOGS: "Gather logs",
    Action.GATHER_RESULTS: "Gather results",
    Action.SUSPEND: "Suspend",
    Action.RESUME: "Resume",
    Action.STOP: "Stop",
    Action.UNINSTALL_CHECK: "Uninstall check",
}
RETRY: Final = "retry"
"""Not an action of its own: the latest one again, on the hosts that it left behind."""

GRAVE: Final = frozenset({Action.INSTALL, Action.SUSPEND, Action.STOP, Action.UNINSTALL_CHECK})
"""What ends nodes or cancels others' work: a page asks once more."""

NAMED: Final = frozenset({Action.STOP, Action.UNINSTALL_CHECK})
"""What can't be undone: the list of pools asks for the pool's name, so that it is not another's button."""

_ONLY_IN: Final = {Action.SUSPEND: PoolState.ACTIVE, Action.RESUME: PoolState.SUSPENDED}


def offered(state: PoolState) -> list[Action]:
    """What a pool in this state can be asked for."""
    return [
        action
        for action in LABELS
        if rules.refusal(action, state) is None and _ONLY_IN.get(action, state) is state
    ]


def may_upgrade(state: PoolState) -> bool:
    """Whether a pool in this state can be upgraded, for which Prefect has the form."""
    return rules.refusal(Action.UPGRADE, state) is None
