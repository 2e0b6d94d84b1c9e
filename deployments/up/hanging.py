"""Notices children that run but no longer answer."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

PAUSE: Final = 2.0
"""Seconds between two questions to a child."""
_LEAST: Final = 4  # questions without an answer: after a pause of this process itself, one proves nothing
_STARTING: Final = 10  # times the limit, before the first answer


@dataclass
class Answers:
    """Asks a child again and again, in a thread of its own, as asking may take its time.

    Attributes:
        ask: tells whether it answers.
        limit: how long it may give no answer, in seconds.
        pause: between two questions, in seconds.
    """

    ask: Callable[[], bool]
    limit: float
    pause: float = PAUSE
    clock: Callable[[], float] = time.monotonic
    _missing: int = field(default=0, init=False)
    _since: float = field(default=0.0, init=False)
    _heard: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Start to ask."""
        self._over = threading.Event()
        self.start_over()
        threading.Thread(target=self._repeat, name="answers", daemon=True).start()

    def start_over(self) -> None:
        """Forget what was, because the child has been started again."""
        self._missing, self._since, self._heard = 0, self.clock(), False

    def note(self, *, answered: bool) -> None:
        """Note the outcome of one question."""
        if answered:
            self._missing, self._since, self._heard = 0, self.clock(), True
        else:
            self._missing += 1

    def seconds_missing(self) -> float | None:
        """Return for how long there has been no answer, if that is too long."""
        silent = self.clock() - self._since
        limit = self.limit if self._heard else self.limit * _STARTING
        return silent if self._missing >= _LEAST and silent > limit else None

    def stop(self) -> None:
        """Ask no more."""
        self._over.set()

    def _repeat(self) -> None:
        while not self._over.wait(self.pause):
            self.note(answered=self.ask())
