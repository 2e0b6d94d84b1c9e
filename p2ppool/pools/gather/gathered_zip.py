"""A zip that many threads fill, and that has its name only once it is whole."""

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
    """Grows in a file of its own, readable for its owner only."""

    def __init__(self, part: Path, cancel: CancelToken) -> None:
        """`part` is where it grows: on the same disk as its later place. `cancel` makes an end of adding.

        Raises:
            OSError: it can't be made.
        """
        self._part = part
        self._cancel = cancel
        self._lock = threading.Lock()
        self._broken: OSError | None = None
        self._file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        # For logs, the fastest level takes a tenth of the best one's time and leaves twice as much.
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, folder: str, haul: Haul) -> None:
        """Move the files of the haul into that folder of the zip.

        A zip that can't be written is told by `complete`: it is no fault of the host whose files come.
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
        """Add these files by their names, and let the zip have its own name.

        Raises:
            OSError: it can't be written, or something of it could not be.
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
        """Let go of the file."""
        with self._lock, suppress(OSError, ValueError):  # a zip that broke in the middle has no sound end
            self._zip.close()
        with suppress(OSError):
            self._file.close()
