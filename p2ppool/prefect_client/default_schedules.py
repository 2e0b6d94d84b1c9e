"""The default schedules of a pool: one table, read by the code, the documentation and the tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from p2ppool.actions.catalogue import FLOWS, Action, Rank
from p2ppool.settings import Settings
from p2ppool.store.models import Pool, PoolState

_UNDER_CARE: Final = frozenset({PoolState.ACTIVE, PoolState.SUSPENDED})


@dataclass(frozen=True)
class DefaultSchedule:
    """A schedule that pools get automatically.

    Attributes:
        action: the action it starts.
        setting: the setting with the seconds between two runs; 0: no schedule.
        states: the states in which a pool has it.
        for_tests: whether test pools get it, too.
    """

    action: Action
    setting: str
    states: frozenset[PoolState]
    for_tests: bool = True

    def seconds(self, config: Settings) -> int:
        """Return the seconds between two runs."""
        return int(getattr(config, self.setting))


DEFAULT_SCHEDULES: Final = (
    DefaultSchedule(Action.CRAWL, "crawl_every", _UNDER_CARE),
    DefaultSchedule(Action.CHECK, "check_every", _UNDER_CARE, for_tests=False),
    DefaultSchedule(Action.UNINSTALL_CHECK, "uninstall_check_every", frozenset({PoolState.STOPPED})),
)

SCHEDULABLE: Final = tuple(name for name in FLOWS if Action(name).rank in {Rank.CHECK, Rank.READ})
"""Actions that can have a schedule: they need no parameter but the pool."""

MAKING: Final = frozenset({Action.CREATE, Action.STOP})
"""When one of these has ended, the pool's missing schedules are created; never at another time, so that a
schedule removed by a manager stays removed.
"""


def default_schedules_for(pool: Pool, config: Settings) -> Iterator[DefaultSchedule]:
    """Yield the schedules that a pool in that state gets."""
    for kind in DEFAULT_SCHEDULES:
        if pool.state in kind.states and kind.seconds(config) and (kind.for_tests or not pool.is_test):
            yield kind


def belongs(action: str, pool: Pool) -> bool:
    """Tell whether the pool, in its state, may have a schedule of that action, by default or made by a
    manager.
    """
    kind = next(
        (kind for kind in DEFAULT_SCHEDULES if kind.action == action),
        DefaultSchedule(Action(action), "", _UNDER_CARE),
    )
    return pool.state in kind.states and (kind.for_tests or not pool.is_test)


def slug_of(pool: str, action: str, number: int = 1) -> str:
    """Return the name under which Prefect shows a pool's schedule; further ones of an action are numbered."""
    return f"pool-{pool}-{action}" if number == 1 else f"pool-{pool}-{action}-{number}"


def pool_in(slug: str | None, action: str) -> str:
    """Return the pool in one of our slugs; empty for any other."""
    found = re.fullmatch(rf"pool-(.+)-{re.escape(action)}(?:-\d+)?", slug or "")
    return found[1] if found else ""
