"""A zip that many threads fill, and that gets its name only once it is complete."""

import os
import shutil
import threading
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent.gather import Haul
from p2ppool.store.durable import sync_folder


class GatheredZip:
    """Grows in a temporary file, readable by its owner only."""

    def __init__(self, part: Path, cancel: CancelToken) -> None:
        """Create the file `part`, on the same disk as the final zip. `cancel` stops further additions.

        Raises:
            OSError: the file can't be created.
        """
        self._part = part
        self._cancel = cancel
        self._lock = threading.Lock()
        self._broken: OSError | None = None
        self._file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        # For logs, the fastest level takes a tenth of the best level's time and yields twice the size.
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, folder: str, haul: Haul) -> None:
        """Move the files of the haul into that folder of the zip.

        `complete` reports a zip that can't be written: that is no fault of the host whose files arrive.
        """
        with self._lock:
            try:
                for file in haul.files:
                    if self._broken is None and not self._cancel.cancelled:
                        self._zip.write(file.path, f"{folder}/{file.name}")
            except OSError as error:
                self._broken = error
        shutil.rmtree(haul.folder, ignore_errors=True)

    def complete(self, texts: Mapping[str, str], path: Path) -> None:
        """Add these files by name, and rename the zip to its final path.

        Raises:
            OSError: the zip can't be written, or part of it could not be.
        """
        with self._lock:
            if self._broken is not None:
                raise self._broken
            for name, text in texts.items():
                self._zip.writestr(name, text)
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._part.rename(path)
            sync_folder(path.parent)

    def close(self) -> None:
        """Close the file."""
        with self._lock, suppress(OSError, ValueError):  # a zip that broke in the middle can't be finished
            self._zip.close()
        with suppress(OSError):
            self._file.close()
