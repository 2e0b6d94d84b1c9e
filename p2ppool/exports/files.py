"""Writes an export to a file: completely, under its name, or not at all."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from p2ppool.errors import UserError
from p2ppool.store.durable import sync_folder

_OF_OTHERS: Final = 0o666  # minus the umask
OWNER_ONLY: Final = 0o600


def write_whole(pieces: Iterable[bytes], place: Path, mode: int = _OF_OTHERS) -> int:
    """Write the pieces to `place`, replacing it only when all are there; return the number of bytes.

    What is not a plain file, such as a pipe or a device, is written to as the pieces come.

    Raises:
        UserError: it can't be written there.
    """
    try:
        with _opened(place, mode) as file:
            return sum(file.write(piece) for piece in pieces)
    except OSError as error:
        raise UserError(f"{place} can't be written: {error.strerror or error}") from error


@contextmanager
def _opened(place: Path, mode: int) -> Iterator[BinaryIO]:
    if place.exists() and not place.is_file():
        with place.open("wb") as file:
            yield file
        return
    with _replaced(place.resolve(), mode) as file:
        yield file


@contextmanager
def _replaced(place: Path, mode: int) -> Iterator[BinaryIO]:
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode), "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.rename(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync_folder(place.parent)
