"""What has changed since somebody looked last: rows by key, with a revision that rises with every change."""

import secrets
import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


@dataclass(frozen=True)
class Have:
    """What somebody has: the revision `number` of the rows kept under the name `kept`."""

    kept: str
    number: int


@dataclass(frozen=True)
class Delta(Generic[K, R]):
    """What brings somebody up to date.

    Attributes:
        whole: these are all rows, whatever was there before goes.
        rows: those that are new or changed.
        gone: keys of those that are no more.
        have: what one has then.
    """

    whole: bool
    rows: dict[K, R]
    gone: list[K]
    have: Have

    @property
    def empty(self) -> bool:
        """Whether there is no news."""
        return not (self.whole or self.rows or self.gone)


class Deltas(Generic[K, R]):
    """Rows as they are, and for each when it changed last; any thread may ask.

    Each instance has a name of its own: what somebody has of another one, as before a restart of the server,
    is worth nothing, and all rows are given. Whoever misses an answer asks with what he had before, and gets
    what he missed with the next one.
    """

    def __init__(self) -> None:
        """No rows."""
        self._name = secrets.token_hex(4)
        self._number = 0
        self._rows: dict[K, R] = {}
        self._changed: dict[K, int] = {}
        self._lock = threading.Lock()

    def update(self, rows: Mapping[K, R]) -> None:
        """Take over the rows as they are now."""
        with self._lock:
            changed = [key for key, row in rows.items() if self._rows.get(key) != row]
            gone = self._rows.keys() - rows.keys()
            if changed or gone:
                self._number += 1
                self._changed |= dict.fromkeys([*changed, *gone], self._number)
                self._rows = dict(rows)

    def since(self, have: Have | None) -> Delta[K, R]:
        """What somebody lacks who has that; None: nothing yet."""
        with self._lock:
            now = Have(self._name, self._number)
            if have is None or have.kept != self._name or have.number > self._number:
                return Delta(whole=True, rows=dict(self._rows), gone=[], have=now)
            if have.number == self._number:
                return Delta(whole=False, rows={}, gone=[], have=now)
            keys = [key for key, number in self._changed.items() if number > have.number]
            rows = {key: self._rows[key] for key in keys if key in self._rows}
            gone = [key for key in keys if key not in self._rows]
            return Delta(whole=False, rows=rows, gone=gone, have=now)
