"""Limits on the mails to one mailbox, whoever causes them: we must not be used to flood anybody."""

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
_MANY: Final = 1000  # mailboxes; beyond that, inactive ones are dropped


class RateLimit:
    """A limit on the mails to each mailbox; counted in memory, so a restart resets it."""

    def __init__(self, *bounds: tuple[int, float], clock: Callable[[], float] = time.monotonic) -> None:
        """Each bound: so many mails within so many seconds of the clock."""
        self._bounds, self._clock = bounds, clock
        self._most = max(most for most, _ in bounds)
        self._longest = max(seconds for _, seconds in bounds)
        self._sent: dict[str, deque[float]] = {}
        self._logged: set[str] = set()
        self._lock = threading.Lock()

    def take(self, to: str) -> bool:
        """Count a mail to that address; False, with one line in the log, if it exceeds the limit."""
        key, moment = to.strip().lower(), self._clock()
        with self._lock:
            self._forget_old(moment)
            sent = self._sent.setdefault(key, deque(maxlen=self._most))
            if any(len(sent) >= most and sent[-most] > moment - span for most, span in self._bounds):
                self._log_once(key)
                return False
            sent.append(moment)
            self._logged.discard(key)
        return True

    def clear(self) -> None:
        """Reset all counts."""
        with self._lock:
            self._sent.clear()
            self._logged.clear()

    def _log_once(self, key: str) -> None:
        if key not in self._logged:
            self._logged.add(key)
            _LOG.warning("%s gets no more mails for a while: there were too many", one_line(key, 80))

    def _forget_old(self, moment: float) -> None:
        if len(self._sent) < _MANY:
            return
        due = moment - self._longest
        self._sent = {key: sent for key, sent in self._sent.items() if sent and sent[-1] > due}
        self._logged &= set(self._sent)
