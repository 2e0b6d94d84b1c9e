"""The store of packages and runtimes: below the data folder, each under the SHA-256 of its bytes."""

import hashlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import IO

from p2ppool.errors import UserError
from p2ppool.store.durable import sync_folder

_DIGEST = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1024 * 1024


class ArtifactStore:
    """A folder of files that never change, so they can be shared and added repeatedly."""

    def __init__(self, folder: Path, suffix: str, what: str) -> None:
        """Store files with this suffix; `what` is the word for one in messages."""
        self.folder = folder
        self._suffix = suffix
        self._what = what

    def put(self, source: Path | bytes, digest: str) -> None:
        """Store the file whose bytes have this SHA-256; harmless if it is stored already.

        It is stored completely or not at all, whatever happens meanwhile, and only its owner may read it.

        Raises:
            UserError: the bytes have another digest (the file was changed meanwhile), or it can't be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(source, digest)
        except OSError as error:
            raise UserError(f"the {self._what} can't be kept in {self.folder}: {error.strerror}") from error

    def get(self, digest: str) -> Path:
        """Return the path of the file with this SHA-256, after verifying its bytes.

        Raises:
            UserError: it is missing or was changed.
        """
        place = self._place(digest)
        try:
            with place.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UserError(
                f"{place} can't be read ({error.strerror}): add the {self._what} again"
            ) from error
        if found != digest:
            raise UserError(f"{place} was changed since it was added: add the {self._what} again")
        return place

    def remove(self, digest: str) -> None:
        """Remove the file with this SHA-256; harmless if there is none.

        Raises:
            UserError: it can't be removed.
        """
        place = self._place(digest)
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{place} can't be removed: {error.strerror}") from error

    def _write(self, source: Path | bytes, digest: str) -> None:
        place = self._place(digest)
        # A temporary file is 0600 from its first moment on.
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", suffix=".part", delete=False) as part:
            try:
                self._copy(source, part, digest)
                Path(part.name).rename(place)
            except BaseException:
                Path(part.name).unlink()
                raise
        sync_folder(self.folder)

    def _place(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a SHA-256 in hexadecimal")
        return self.folder / f"{digest}{self._suffix}"

    def _copy(self, source: Path | bytes, out: IO[bytes], digest: str) -> None:
        sha256 = hashlib.sha256()
        with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as file:
            while block := file.read(_BLOCK):
                sha256.update(block)
                out.write(block)
        if sha256.hexdigest() != digest:
            raise UserError(f"the {self._what} changed while it was being added: add it again")
        out.flush()
        os.fsync(out.fileno())


class PackageStore(ArtifactStore):
    """The zips of P2P software, in the folder `packages`."""

    def __init__(self, data_folder: Path) -> None:
        super().__init__(data_folder / "packages", ".zip", "package")


class RuntimeStore(ArtifactStore):
    """The archives of runtimes that pools bring along, in the folder `runtimes`."""

    def __init__(self, data_folder: Path) -> None:
        super().__init__(data_folder / "runtimes", ".tar.gz", "runtime")
