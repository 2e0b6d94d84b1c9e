"""Whether a child that is starting gets anywhere: on a slow machine, a start takes as long as it takes."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MOST: Final = 10  # times the limit: what is busy but never ready hangs, too
_LEAST: Final = 1 / 60  # of the limit: processor time that counts as progress
_SESSION, _USED = 3, slice(11, 15)  # in /proc/PID/stat, counted behind the name (proc(5))
_PAUSE: Final = 1.0  # seconds between two looks, each of which reads all of /proc


class Patience:
    """Lasts as long as a child and its descendants use the processor, within reason."""

    def __init__(self, session: int, limit: float) -> None:
        """Watch the processes of that session; without progress, patience ends after `limit` seconds."""
        self._session = session
        self._limit = limit
        self._began = self._since = self._looked = time.monotonic()
        self._used = processor_seconds(session)

    def is_over(self) -> bool:
        """Tell whether it makes no sense to wait any longer."""
        moment = time.monotonic()
        if moment - self._looked >= min(_PAUSE, self._limit):
            self._looked = moment
            used = processor_seconds(self._session)
            if used - self._used >= self._limit * _LEAST:
                self._used, self._since = used, moment
        return moment - self._since > self._limit or moment - self._began > self._limit * _MOST


def processor_seconds(session: int) -> float:
    """Return the processor time that the processes of a session, and their ended children, have used."""
    return sum(ticks for found, ticks in _processes() if found == session) / os.sysconf("SC_CLK_TCK")


def _processes() -> Iterator[tuple[int, int]]:
    """Yield the session of each process, and the ticks it has used."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            yield int(fields[_SESSION]), sum(map(int, fields[_USED]))
