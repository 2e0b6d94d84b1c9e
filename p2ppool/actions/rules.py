"""Who makes way for whom: one table, read by the code, the documentation and the tests."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from p2ppool.store.models import PoolState


class Action(StrEnum):
    """What can be asked of a pool."""

    STOP = "stop"
    SUSPEND = "suspend"
    CREATE = "create"
    INSTALL = "install"
    UPGRADE = "upgrade"
    RESUME = "resume"
    CHECK = "check"
    UNINSTALL_CHECK = "uninstall-check"
    CRAWL = "crawl"
    GATHER_LOGS = "gather-logs"
    GATHER_RESULTS = "gather-results"
    VERIFY = "verify"
    PLAN = "plan"


class Rank(StrEnum):
    """Actions that are treated alike; the values are how a person reads them."""

    STOP = "stop"
    SUSPEND = "suspend"
    CHANGE = "create, install, upgrade, resume"
    CHECK = "check, uninstall check"
    LOOK = "crawl, gather logs, gather results, verify, plan"


class Answer(StrEnum):
    """What an arriving request does about one that is there; the values are how a person reads them."""

    PREEMPTS = "preempts"
    WAITS = "waits"
    MERGES = "merges"
    MERGES_IF_WAITING = "merges into a waiting one, else waits"
    REFUSED = "refused"
    REFUSED_AFTER = "waits, then refused as the pool is suspended"


_RANKS: Final[Mapping[Action, Rank]] = MappingProxyType(
    {
        Action.STOP: Rank.STOP,
        Action.SUSPEND: Rank.SUSPEND,
        Action.CREATE: Rank.CHANGE,
        Action.INSTALL: Rank.CHANGE,
        Action.UPGRADE: Rank.CHANGE,
        Action.RESUME: Rank.CHANGE,
        Action.CHECK: Rank.CHECK,
        Action.UNINSTALL_CHECK: Rank.CHECK,
        Action.CRAWL: Rank.LOOK,
        Action.GATHER_LOGS: Rank.LOOK,
        Action.GATHER_RESULTS: Rank.LOOK,
        Action.VERIFY: Rank.LOOK,
        Action.PLAN: Rank.LOOK,
    }
)


def _row(*answers: Answer) -> Mapping[Rank, Answer]:
    return MappingProxyType(dict(zip(Rank, answers, strict=True)))


TABLE: Final[Mapping[Rank, Mapping[Rank, Answer]]] = MappingProxyType(
    {
        #                    there: stop,     suspend,              change,          check,           look
        Rank.STOP: _row(Answer.MERGES, *4 * [Answer.PREEMPTS]),
        Rank.SUSPEND: _row(Answer.REFUSED, Answer.MERGES, *3 * [Answer.PREEMPTS]),
        Rank.CHANGE: _row(Answer.REFUSED, Answer.WAITS, *3 * [Answer.PREEMPTS]),
        Rank.CHECK: _row(
            Answer.REFUSED, Answer.REFUSED_AFTER, Answer.WAITS, Answer.MERGES_IF_WAITING, Answer.WAITS
        ),
        Rank.LOOK: _row(
            Answer.REFUSED, Answer.REFUSED_AFTER, Answer.WAITS, Answer.WAITS, Answer.MERGES_IF_WAITING
        ),
    }
)
"""The answer by the rank of who arrives and the rank of who is there, waiting or running."""

_LEAVES: Final[Mapping[Action, PoolState]] = MappingProxyType(
    {
        Action.STOP: PoolState.STOPPED,
        Action.SUSPEND: PoolState.SUSPENDED,
        Action.CREATE: PoolState.ACTIVE,
        Action.INSTALL: PoolState.ACTIVE,
        Action.UPGRADE: PoolState.ACTIVE,
        Action.RESUME: PoolState.ACTIVE,
    }
)

_REFUSED_IN: Final[Mapping[PoolState, Mapping[Rank, str]]] = MappingProxyType(
    {
        PoolState.ACTIVE: {},
        PoolState.SUSPENDED: dict.fromkeys(
            (Rank.CHECK, Rank.LOOK), "the pool is suspended: `p2ppool pool resume` brings it back"
        ),
        PoolState.STOPPED: dict.fromkeys(
            (Rank.SUSPEND, Rank.CHANGE, Rank.CHECK, Rank.LOOK),
            "the pool is stopped: `p2ppool pool create` with the same options brings it back",
        ),
        PoolState.GONE: dict.fromkeys(Rank, "the pool is uninstalled everywhere and about to be deleted"),
    }
)


def flow_of(action: str) -> str:
    """The name of the flow that does the action: a plan is an upgrade that only looks."""
    return Action.UPGRADE if action == Action.PLAN else action


def rank(action: str) -> Rank:
    """The rank of an action, by its name.

    Raises:
        ValueError: no action has that name.
    """
    return _RANKS[Action(action)]


def answer(arriving: str, there: str) -> Answer:
    """What the table says of these two actions."""
    return TABLE[rank(arriving)][rank(there)]


def state_after(action: str, before: PoolState) -> PoolState:
    """What a manager wants of the pool once `action` has its turn."""
    return _LEAVES.get(Action(action), before)


def changes_pool(action: str) -> bool:
    """Whether the action decides what the pool is to be: done late, it could undo a later decision."""
    return Action(action) in _LEAVES


def refusal(action: str, state: PoolState) -> str | None:
    """Why the action can't be done on a pool in that state; None: it can.

    Creating a stopped pool again is how it comes back; only of a stopped one something may be left.
    """
    if action == Action.CREATE and state is not PoolState.GONE:
        return None
    if action == Action.UNINSTALL_CHECK and state is not PoolState.GONE:
        return (
            None if state is PoolState.STOPPED else "the pool is not stopped: `p2ppool pool stop` comes first"
        )
    return _REFUSED_IN[state].get(rank(action))
