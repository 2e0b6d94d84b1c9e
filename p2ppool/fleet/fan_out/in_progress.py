"""The hosts that are being worked on right now, for other threads to read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Working:
    """One host that is being worked on: its current step, and when work on the host began."""

    step: str
    since: datetime


class InProgress:
    """Filled by the thread that fans out; any thread may read it.

    It holds only hosts being dialled or served.
    """

    def __init__(self) -> None:
        """Start with no hosts."""
        self._hosts: dict[int, tuple[datetime, Callable[[], str]]] = {}

    def begin(self, key: int, step: Callable[[], str]) -> None:
        """Record that the host `key` is worked on, if it is not recorded yet;
        `step` returns its current step.
        """
        since, _ = self._hosts.get(key, (datetime.now(UTC), step))
        self._hosts[key] = (since, step)

    def end(self, key: int) -> None:
        """Record that the host is no longer worked on."""
        self._hosts.pop(key, None)

    def current(self) -> dict[int, Working]:
        """Return all hosts in progress, by key."""
        # Copy first: the other thread continues meanwhile, and copying a dict is one step of the interpreter.
        return {key: Working(step(), since) for key, (since, step) in self._hosts.copy().items()}
