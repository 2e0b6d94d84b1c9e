"""The dispatcher's sign of life: a file whose time of change moves on with each round."""

import os
from pathlib import Path

from p2ppool.settings import Settings


def heartbeat_file(config: Settings) -> Path:
    """Return the file."""
    return config.data_folder / "tmp" / "dispatcher.heartbeat"


class Heartbeat:
    """Moves the file's time on. It stays open: so that takes no space, also on a full disk."""

    def __init__(self, config: Settings) -> None:
        """Make the file, if it is missing."""
        file = heartbeat_file(config)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self) -> None:
        """Say that the rounds go on."""
        os.utime(self._descriptor)


class HeartbeatReader:
    """Tells whether the file's time moves on, whatever the clock says."""

    def __init__(self, config: Settings) -> None:
        """Read nothing yet."""
        self._file = heartbeat_file(config)
        self._last = 0

    def moved(self) -> bool:
        """Tell whether it has moved since the last call."""
        try:
            found = self._file.stat().st_mtime_ns
        except OSError:
            return False
        moved, self._last = found != self._last, found
        return moved
