"""One look at something slow or costly, shared by all who ask for it within a while."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Entry(Generic[V]):
    """What was seen last, and the lock of the one who looks."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen: list[V] = []  # one, once somebody has looked
        self.at = 0.0


class SharedAnswers(Generic[K, V]):
    """However many ask, `look` runs once for each key in `seconds`, and never twice at the same time.

    Who asks while another looks gets what was seen before, without waiting; only the first ones wait.
    """

    def __init__(
        self,
        look: Callable[[K, V | None], V],
        seconds: float,
        most: int = 256,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`look` gets the key and what it gave before; of more than `most` keys the oldest are forgotten."""
        self._look = look
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: LRUCache[K, _Entry[V]] = LRUCache(most)

    def at(self, key: K) -> V:
        """What there is for `key`, at most about `seconds` old.

        Whatever `look` raises is raised here, and the next one who asks looks again.
        """
        entry = self._entry(key)
        if entry.seen and self._clock() - entry.at < self._seconds:
            return entry.seen[0]
        if not entry.lock.acquire(blocking=not entry.seen):
            return entry.seen[0]
        try:
            if not entry.seen or self._clock() - entry.at >= self._seconds:
                entry.seen = [self._look(key, entry.seen[0] if entry.seen else None)]
                entry.at = self._clock()
            return entry.seen[0]
        finally:
            entry.lock.release()

    def _entry(self, key: K) -> _Entry[V]:
        with self._lock:
            return self._entries.setdefault(key, _Entry())
