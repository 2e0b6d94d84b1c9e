"""A queue of jobs for one thread, each with its due time."""

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count

Job = Callable[[], None]


class Jobs:
    """A queue by due time; of due jobs, the one added first is first."""

    def __init__(self, most: int) -> None:
        """Let at most `most` jobs wait."""
        self._most = most
        self._heap: list[tuple[float, int, Job]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._in_progress = 0
        self._hurried = False

    def put(self, job: Job) -> bool:
        """Add a job to be done as soon as possible; False if too many wait."""
        with self._changed:
            if len(self._heap) >= self._most:
                return False
            self._add(job, 0.0)
        return True

    def put_back(self, job: Job, pause: float) -> None:
        """Add a job again, to be done after `pause` seconds; it is always accepted."""
        with self._changed:
            self._add(job, pause)

    def take(self) -> Job:
        """Wait for the next due job and return it; `done` must follow."""
        with self._changed:
            while (pause := self._pause()) is None or pause > 0:
                self._changed.wait(pause)
            self._in_progress += 1
            return heapq.heappop(self._heap)[2]

    def done(self) -> None:
        """Report that a taken job is done."""
        with self._changed:
            self._in_progress -= 1
            self._changed.notify_all()

    def hurry(self) -> None:
        """Make all jobs due at once from now on."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()

    def left(self) -> int:
        """Return how many jobs wait or are being done."""
        with self._changed:
            return len(self._heap) + self._in_progress

    def join(self, timeout: float | None = None) -> bool:
        """Wait until all are done, or for `timeout` seconds; return whether all are done."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._in_progress, timeout)

    def _add(self, job: Job, pause: float) -> None:
        heapq.heappush(self._heap, (time.monotonic() + pause, next(self._numbers), job))
        self._changed.notify_all()

    def _pause(self) -> float | None:
        """Return the seconds until the first is due; None: there is none."""
        if not self._heap:
            return None
        return 0.0 if self._hurried else self._heap[0][0] - time.monotonic()
