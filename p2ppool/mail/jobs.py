"""Jobs that wait for one thread, each for its moment."""

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count

Job = Callable[[], None]


class Jobs:
    """A queue by due time; of those that are due, the one that came first is first."""

    def __init__(self, most: int) -> None:
        """`most` may wait at the same time."""
        self._most = most
        self._heap: list[tuple[float, int, Job]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._at_work = 0
        self._in_haste = False

    def put(self, job: Job) -> bool:
        """Have it done as soon as possible; False where too much waits already."""
        with self._changed:
            if len(self._heap) >= self._most:
                return False
            self._add(job, 0.0)
        return True

    def put_back(self, job: Job, pause: float) -> None:
        """Have it done after `pause` seconds; what was taken once always finds its place."""
        with self._changed:
            self._add(job, pause)

    def take(self) -> Job:
        """The next one, once it is due; `done` has to follow."""
        with self._changed:
            while (pause := self._pause()) is None or pause > 0:
                self._changed.wait(pause)
            self._at_work += 1
            return heapq.heappop(self._heap)[2]

    def done(self) -> None:
        """What was taken is done."""
        with self._changed:
            self._at_work -= 1
            self._changed.notify_all()

    def hurry(self) -> None:
        """From now on all are due at once."""
        with self._changed:
            self._in_haste = True
            self._changed.notify_all()

    def left(self) -> int:
        """How many wait or are at work."""
        with self._changed:
            return len(self._heap) + self._at_work

    def join(self, patience: float | None = None) -> bool:
        """Wait until none is left, or for `patience` seconds; whether none is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._at_work, patience)

    def _add(self, job: Job, pause: float) -> None:
        heapq.heappush(self._heap, (time.monotonic() + pause, next(self._numbers), job))
        self._changed.notify_all()

    def _pause(self) -> float | None:
        """Seconds until the first is due; None: there is none."""
        if not self._heap:
            return None
        return 0.0 if self._in_haste else self._heap[0][0] - time.monotonic()
