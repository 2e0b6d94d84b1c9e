"""A package: the zip of P2P software that a manager adds, read and checked."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from p2ppool.errors import one_line
from p2ppool.software.archive.limits import DEFAULT_LIMITS, PackageError, PackageLimits
from p2ppool.software.archive.member_names import check_path, check_together
from p2ppool.software.archive.zip_entries import ZipEntry, ZipFileBytes, read_entries, unpacked
from p2ppool.software.package.program import Program, find_program


@dataclass(frozen=True)
class Package:
    """The content of a checked zip.

    Attributes:
        digest: SHA-256 of the zip, in hexadecimal.
        size: bytes of the zip.
        unpacked_size: bytes of all files, uncompressed.
        files: the plain files, sorted by path.
        folders: paths of the folders in the zip, sorted.
        program: the program to start, and its runtime.
    """

    digest: str
    size: int
    unpacked_size: int
    files: tuple[ZipEntry, ...]
    folders: tuple[str, ...]
    program: Program


def read_package(source: Path | bytes, limits: PackageLimits = DEFAULT_LIMITS) -> Package:
    """Read the whole zip and check it: form, paths, real sizes, and that it has a start program.

    Raises:
        PackageError: it is unusable; the message names the file and the reason.
    """
    with open_package(source, limits) as (_, package):
        return package


@contextmanager
def open_package(
    source: Path | bytes, limits: PackageLimits = DEFAULT_LIMITS
) -> Iterator[tuple[ZipFileBytes, Package]]:
    """Read like `read_package`, and also yield the open zip for callers that need the files' bytes."""
    name = f"package {one_line(source.name, 80)}" if isinstance(source, Path) else "package"
    try:
        with _opened(source) as file:
            yield file, _checked(file, limits)
    except PackageError as error:
        raise PackageError(f"{name}: {error}") from error
    except OSError as error:
        raise PackageError(f"{name}: can't be read: {error.strerror}") from error


def _opened(source: Path | bytes) -> ZipFileBytes:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _checked(file: ZipFileBytes, limits: PackageLimits) -> Package:
    entries = read_entries(file, limits)
    files = sorted((entry for entry in entries if not entry.folder), key=lambda entry: entry.path)
    folders = sorted({entry.path for entry in entries if entry.folder})
    for entry in entries:
        check_path(entry.path, limits)
    check_together([entry.path for entry in files], folders)
    for entry in files:
        _check_bytes(file, entry)
    return Package(
        digest=_digest(file),
        size=file.seek(0, io.SEEK_END),
        unpacked_size=sum(entry.size for entry in files),
        files=tuple(files),
        folders=tuple(folders),
        program=find_program(file, files),
    )


def _check_bytes(file: ZipFileBytes, entry: ZipEntry) -> None:
    for _ in unpacked(file, entry):
        pass


def _digest(file: ZipFileBytes) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()
