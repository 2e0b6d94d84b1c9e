"""The downloadable files of a pool in the data folder: gathered files, exports, and archives.

They are stored in `gathered/POOL/`, `exports/POOL/` and `archives/POOL/`, named `KIND-YYYYmmddTHHMMSSZ-
TICKET.zip`; names of exports begin with the subject of their rows and end in a number and `.csv` or
`.parquet`. Files with other names, and whatever is not a plain file, are ignored.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from p2ppool.errors import UserError

_POOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")  # the same as PoolName
_FILE: Final = re.compile(
    r"(?:(?P<zip>logs|results|archive)|[a-z]+-stats|actions)-(?P<time>[0-9]{8}T[0-9]{6}Z)-(?P<number>[0-9]{1,18})"
    r"\.(?(zip)zip|(?:csv|parquet))"
)
_TIME: Final = "%Y%m%dT%H%M%SZ"


class FileKind(StrEnum):
    """The content of a file."""

    LOGS = "logs"
    RESULTS = "results"
    ARCHIVE = "archive"
    EXPORT = "export"

    @property
    def folder(self) -> str:
        """The folder of such files, in the data folder."""
        return {FileKind.ARCHIVE: "archives", FileKind.EXPORT: "exports"}.get(self, "gathered")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFile:
    """One file of a pool."""

    name: str
    kind: FileKind
    made_at: datetime
    ticket: int | None
    """The ticket of the action that made it; None for an export."""
    size: int
    """Bytes."""
    path: Path


def folder_of(data_folder: Path, pool: str, kind: FileKind) -> Path:
    """Return the folder of the pool's files of that kind, whether or not there are any.

    Raises:
        UserError: no pool can have that name.
    """
    if not _POOL.fullmatch(pool):
        raise UserError(f"no folder can be named after pool {pool[:64]!r}")
    return data_folder / kind.folder / pool


def file_name(kind: FileKind, made_at: datetime, ticket: int) -> str:
    """Return the name of a file that the action with that ticket makes."""
    return f"{kind}-{made_at.astimezone(UTC):{_TIME}}-{ticket}.zip"


def export_name(what: str, made_at: datetime, number: int, suffix: str) -> str:
    """Return the name of a file of exported rows; the number distinguishes files of the same second."""
    return f"{what}-{made_at.astimezone(UTC):{_TIME}}-{number}.{suffix}"


def files_of(data_folder: Path, pool: str) -> list[PoolFile]:
    """List the pool's files, newest first; empty for a name that no pool can have."""
    if not _POOL.fullmatch(pool):
        return []
    folders = {folder_of(data_folder, pool, kind) for kind in FileKind}
    found = [file for folder in folders for file in _files_in(folder)]
    return sorted(found, key=lambda file: (file.made_at, file.ticket or 0, file.name), reverse=True)


@contextmanager
def opened(data_folder: Path, pool: str, name: str) -> Iterator[tuple[PoolFile, BinaryIO]]:
    """Open the pool's file of that name for reading.

    Raises:
        UserError: there is no such file; links don't count.
    """
    file = next((file for file in files_of(data_folder, pool) if file.name == name), None)
    if file is None:
        raise UserError(f"pool {pool[:64]!r} has no such file: `p2ppool pool files` lists those there are")
    try:
        stream = os.fdopen(os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except OSError as error:
        raise UserError(f"{file.path} can't be read: {error.strerror}") from error
    with stream:
        yield file, stream


def _files_in(folder: Path) -> Iterator[PoolFile]:
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        file = None
        with suppress(
            FileNotFoundError, ValueError
        ):  # it was deleted meanwhile, or its name has an invalid time
            file = _pool_file(entry)
        if file is not None:
            yield file


def _pool_file(entry: os.DirEntry[str]) -> PoolFile | None:
    match = _FILE.fullmatch(entry.name)
    if match is None or not entry.is_file(follow_symlinks=False):
        return None
    return PoolFile(
        name=entry.name,
        kind=FileKind(match["zip"] or FileKind.EXPORT),
        made_at=datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC),
        ticket=int(match["number"]) if match["zip"] else None,
        size=entry.stat(follow_symlinks=False).st_size,
        path=Path(entry.path),
    )
