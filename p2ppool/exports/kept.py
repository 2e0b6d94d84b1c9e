"""Exports stored in the data folder: a limited number for each pool."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from p2ppool.exports.files import OWNER_ONLY, write_whole
from p2ppool.exports.tables.names import Format
from p2ppool.exports.wanted import ExportRequest
from p2ppool.pools.recording.pool_files import FileKind, export_name, files_of, folder_of
from p2ppool.settings import Settings
from p2ppool.store.types import now

_ABANDONED: Final = 24 * 3600.0  # seconds after which an unfinished file is no longer being written


@dataclass(frozen=True)
class Kept:
    """A file that was written."""

    path: Path
    size: int
    """Bytes."""


def keep(pieces: Iterable[bytes], wanted: ExportRequest, form: Format, number: int, config: Settings) -> Kept:
    """Write the pieces into the pool's folder of exports;
    if there are too many files then, delete the oldest.

    Args:
        pieces: the content of the file.
        wanted: the export.
        form: the format.
        number: distinguishes it from others of the same second.
        config: the settings, with the data folder and the number of files to keep.

    Raises:
        UserError: it can't be written.
    """
    folder = folder_of(config.data_folder, wanted.pool, FileKind.EXPORT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / export_name(wanted.kind, now(), number, form)
    size = write_whole(pieces, place, OWNER_ONLY)
    _make_room(config, wanted.pool)
    return Kept(place, size)


def _make_room(config: Settings, pool: str) -> None:
    files = [file for file in files_of(config.data_folder, pool) if file.kind is FileKind.EXPORT]
    for file in files[config.exports_kept :]:
        file.path.unlink(missing_ok=True)
    for part in folder_of(config.data_folder, pool, FileKind.EXPORT).glob(".*.part"):
        if time.time() - part.stat().st_mtime > _ABANDONED:
            part.unlink(missing_ok=True)
