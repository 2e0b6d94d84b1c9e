"""Which schedules a pool has by default: one table, read by the code, the documentation and the tests."""

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
    """A schedule that pools get by themselves.

    Attributes:
        action: what it asks for.
        setting: the setting with the seconds between two runs; 0 there is none.
        states: the pool is in one of them, else it has no such schedule.
        for_tests: whether test pools get it too.
    """

    action: Action
    setting: str
    states: frozenset[PoolState]
    for_tests: bool = True

    def seconds(self, config: Settings) -> int:
        """Between two runs."""
        return int(getattr(config, self.setting))


DEFAULT_SCHEDULES: Final = (
    DefaultSchedule(Action.CRAWL, "crawl_every", _UNDER_CARE),
    DefaultSchedule(Action.CHECK, "check_every", _UNDER_CARE, for_tests=False),
    DefaultSchedule(Action.UNINSTALL_CHECK, "uninstall_check_every", frozenset({PoolState.STOPPED})),
)

SCHEDULABLE: Final = tuple(name for name in FLOWS if Action(name).rank in {Rank.CHECK, Rank.READ})
"""What can be asked for again and again, knowing no more than the pool."""

MAKING: Final = frozenset({Action.CREATE, Action.STOP})
"""Once one of these has ended, the schedules that the pool misses are made; never at another time, so that
one that a manager has removed stays away."""


def default_schedules_for(pool: Pool, config: Settings) -> Iterator[DefaultSchedule]:
    """Those that a pool of that state gets."""
    for kind in DEFAULT_SCHEDULES:
        if pool.state in kind.states and kind.seconds(config) and (kind.for_tests or not pool.is_test):
            yield kind


def belongs(action: str, pool: Pool) -> bool:
    """Whether the pool, as it is, can have a schedule of that action, by default or made by a manager."""
    kind = next(
        (kind for kind in DEFAULT_SCHEDULES if kind.action == action),
        DefaultSchedule(Action(action), "", _UNDER_CARE),
    )
    return pool.state in kind.states and (kind.for_tests or not pool.is_test)


def slug_of(pool: str, action: str, number: int = 1) -> str:
    """The name by which Prefect's users see whose schedule it is; the second of a kind has a number."""
    return f"pool-{pool}-{action}" if number == 1 else f"pool-{pool}-{action}-{number}"


def pool_in(slug: str | None, action: str) -> str:
    """The pool in a slug of ours; empty: it is none."""
    found = re.fullmatch(rf"pool-(.+)-{re.escape(action)}(?:-\d+)?", slug or "")
    return found[1] if found else ""
