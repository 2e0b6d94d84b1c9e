"""Logs of the services: put aside by size under their date, so that no flood of lines fills the disk.

The services hold their log open and append to it. So it is copied and then emptied, not renamed.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from p2ppool.store.types import now


class LogFiles:
    """The logs in one folder."""

    def __init__(self, folder: Path, largest: int, kept: int) -> None:
        """Keep the logs in `folder` below `largest` bytes, and `kept` earlier files of each."""
        self.folder = folder
        self._largest = largest
        self._kept = kept
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return the log that the service of that name writes."""
        return self.folder / f"{name}.log"

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open the log to append to it: whoever inherits it goes on at the end even after it was emptied."""
        with self.path(name).open("ab") as output:
            yield output

    def put_aside(self, name: str) -> bool:
        """Put the log aside if it is too large; tell whether it was."""
        log = self.path(name)
        if not log.exists() or log.stat().st_size < self._largest:
            return False
        shutil.copyfile(log, self._free(name))
        with log.open("r+b") as file:
            file.truncate(0)
        for old in self.earlier(name)[: -self._kept]:
            old.unlink(missing_ok=True)
        return True

    def earlier(self, name: str) -> list[Path]:
        """List the files that were put aside, the oldest first."""
        return sorted(self.folder.glob(f"{name}.[0-9]*.log"))

    def _free(self, name: str) -> Path:
        return self.folder / f"{name}.{now():%Y-%m-%dT%H%M%S.%f}Z.log"
