"""A cache that computes something slow or costly once for everybody who asks within a while."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Entry(Generic[V]):
    """The last value, and the lock of whoever computes the next one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: list[V] = []  # one, once it was loaded
        self.at = 0.0


class SharedAnswers(Generic[K, V]):
    """Runs `load` at most once in `seconds` for each key, and never twice at the same time.

    Callers during a load get the previous value at once; only the first ones wait.
    """

    def __init__(
        self,
        load: Callable[[K, V | None], V],
        seconds: float,
        most: int = 256,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`load` gets the key and its previous value; beyond `most` keys the oldest are dropped."""
        self._load = load
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: LRUCache[K, _Entry[V]] = LRUCache(most)

    def at(self, key: K) -> V:
        """Return the value of `key`, at most about `seconds` old.

        Errors of `load` are raised here, and the next call loads again.
        """
        entry = self._entry(key)
        if entry.values and self._clock() - entry.at < self._seconds:
            return entry.values[0]
        if not entry.lock.acquire(blocking=not entry.values):
            return entry.values[0]
        try:
            if not entry.values or self._clock() - entry.at >= self._seconds:
                entry.values = [self._load(key, entry.values[0] if entry.values else None)]
                entry.at = self._clock()
            return entry.values[0]
        finally:
            entry.lock.release()

    def _entry(self, key: K) -> _Entry[V]:
        with self._lock:
            return self._entries.setdefault(key, _Entry())
