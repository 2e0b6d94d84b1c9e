"""Changes since a reader's last request: rows by key, with a revision that rises with every change."""

import secrets
import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


@dataclass(frozen=True)
class Have:
    """The state of a reader: revision `number` of the rows kept under the name `kept`."""

    kept: str
    number: int


@dataclass(frozen=True)
class Delta(Generic[K, R]):
    """An update for a reader.

    Attributes:
        whole: these are all rows, and replace everything the reader has.
        rows: new or changed rows.
        gone: keys of removed rows.
        have: what the reader has afterwards.
    """

    whole: bool
    rows: dict[K, R]
    gone: list[K]
    have: Have

    @property
    def empty(self) -> bool:
        """Whether nothing has changed."""
        return not (self.whole or self.rows or self.gone)


class Deltas(Generic[K, R]):
    """The current rows, and when each last changed; thread-safe.

    Each instance has a unique name: a state of another instance, such as from before a restart of the server,
    is outdated, and all rows are sent. A reader who misses an answer asks again with its old state and gets
    everything missed.
    """

    def __init__(self) -> None:
        """Start without rows."""
        self._name = secrets.token_hex(4)
        self._number = 0
        self._rows: dict[K, R] = {}
        self._changed: dict[K, int] = {}
        self._lock = threading.Lock()

    def update(self, rows: Mapping[K, R]) -> None:
        """Replace the rows with the current ones."""
        with self._lock:
            changed = [key for key, row in rows.items() if self._rows.get(key) != row]
            gone = self._rows.keys() - rows.keys()
            if changed or gone:
                self._number += 1
                self._changed |= dict.fromkeys([*changed, *gone], self._number)
                self._rows = dict(rows)

    def since(self, have: Have | None) -> Delta[K, R]:
        """Return what a reader in that state lacks; None: it has nothing yet."""
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
