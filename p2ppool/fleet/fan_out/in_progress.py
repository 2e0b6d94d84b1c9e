"""Which hosts are being worked on right now, for another thread to look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Working:
    """One host that is being worked on: at which step, and since when on the host as a whole."""

    step: str
    since: datetime


class InProgress:
    """Filled by the thread that fans out; any other may look. It holds what is dialled or served, no more."""

    def __init__(self) -> None:
        """Nobody is being worked on."""
        self._hosts: dict[int, tuple[datetime, Callable[[], str]]] = {}

    def begin(self, key: int, step: Callable[[], str]) -> None:
        """The host `key` is worked on from now on, or already was; `step` tells how far that is."""
        since, _ = self._hosts.get(key, (datetime.now(UTC), step))
        self._hosts[key] = (since, step)

    def end(self, key: int) -> None:
        """Nothing is done on it any more."""
        self._hosts.pop(key, None)

    def look(self) -> dict[int, Working]:
        """All of them, by key."""
        # A copy first: the other thread goes on meanwhile, and copying a dict is one step of the interpreter.
        return {key: Working(step(), since) for key, (since, step) in self._hosts.copy().items()}
