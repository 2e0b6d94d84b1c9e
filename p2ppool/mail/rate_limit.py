"""How many mails one mailbox gets from us, whoever sets them off: nobody is flooded through us."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from p2ppool.errors import one_line

HOUR: Final = 3600.0  # seconds
DAY: Final = 24 * HOUR

_LOG: Final = logging.getLogger(__name__)
_MANY: Final = 1000  # mailboxes; from then on, those that got nothing for long are forgotten


class RateLimit:
    """So many mails to each mailbox; counted in memory, so a restart forgets them."""

    def __init__(self, *bounds: tuple[int, float], clock: Callable[[], float] = time.monotonic) -> None:
        """Each bound: so many mails within so many seconds of the clock."""
        self._bounds, self._clock = bounds, clock
        self._most = max(most for most, _ in bounds)
        self._longest = max(seconds for _, seconds in bounds)
        self._sent: dict[str, deque[float]] = {}
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def take(self, to: str) -> bool:
        """Count a mail to that address; False where it is one too many, of which the log has one line."""
        key, moment = to.strip().lower(), self._clock()
        with self._lock:
            self._forget_old(moment)
            sent = self._sent.setdefault(key, deque(maxlen=self._most))
            if any(len(sent) >= most and sent[-most] > moment - span for most, span in self._bounds):
                self._tell(key)
                return False
            sent.append(moment)
            self._told.discard(key)
        return True

    def clear(self) -> None:
        """As if none had been sent."""
        with self._lock:
            self._sent.clear()
            self._told.clear()

    def _tell(self, key: str) -> None:
        if key not in self._told:
            self._told.add(key)
            _LOG.warning("%s gets no more mails for a while: there were too many", one_line(key, 80))

    def _forget_old(self, moment: float) -> None:
        if len(self._sent) < _MANY:
            return
        due = moment - self._longest
        self._sent = {key: sent for key, sent in self._sent.items() if sent and sent[-1] > due}
        self._told &= set(self._sent)
