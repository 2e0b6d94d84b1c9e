"""Filtering and sorting of the pools, if there are many."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from dashboards.components.health_badge import Tone, health_status
from p2ppool.reports.pools.cards import PoolCard

MANY: Final = 6
"""Number of pools from which on the filter is shown."""
BY_NAME: Final = "name"
_WORST_FIRST: Final = (Tone.BAD, Tone.WATCH, Tone.BUSY, Tone.GOOD, Tone.IDLE)


def _trouble(card: PoolCard) -> Any:
    failed = card.pool.failed_hosts + (card.behind or 0)
    return _WORST_FIRST.index(health_status(card.pool).tone), -failed


def _crawled(card: PoolCard) -> Any:
    last = card.pool.snapshot
    return last is None, -last.started_at.timestamp() if last else 0


def _size(card: PoolCard) -> Any:
    return -card.pool.hosts


ORDERS: Final[Mapping[str, tuple[str, Callable[[PoolCard], Any]]]] = {
    BY_NAME: ("by name", lambda _: 0),
    "trouble": ("problems first", _trouble),
    "crawled": ("last crawled first", _crawled),
    "size": ("most hosts first", _size),
}
"""Label and sort key of each order; equal pools stay sorted by name."""


def chosen(found: Sequence[PoolCard], words: str | None, order: str | None) -> list[PoolCard]:
    """Return the pools that have all search words in name, description or state, in that order."""
    wanted = (words or "").lower().split()
    kept = [card for card in found if all(word in _text(card) for word in wanted)]
    _, key = ORDERS.get(order or BY_NAME, ORDERS[BY_NAME])
    return sorted(kept, key=key)


def _text(card: PoolCard) -> str:
    pool = card.pool
    return f"{pool.name} {pool.description} {pool.package} {pool.state} {health_status(pool).text}".lower()
