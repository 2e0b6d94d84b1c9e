"""The paths allowed in a package: each stays below its root and means one file on every file system."""

import unicodedata
from collections.abc import Iterable

from p2ppool.errors import one_line
from p2ppool.software.archive.limits import PackageError, PackageLimits


def check_path(path: str, limits: PackageLimits) -> None:
    """Raise PackageError unless `path`, without a trailing slash, is a plain relative path."""
    parts = path.split("/")
    faults = {
        "has characters that can't be shown": not path.isprintable(),
        "has a backslash; pack it again with '/' between folders": "\\" in path,
        "is absolute or on a drive; pack it again with paths from its root": path.startswith("/")
        or ":" in path,
        "leads out of it; pack it again with paths from its root": ".." in parts,
        "has an empty part or '.'": "" in parts or "." in parts,
        f"has more than {limits.depth} parts": len(parts) > limits.depth,
        f"is longer than {limits.path_bytes} bytes": _bytes(path) > limits.path_bytes,
        f"has a part longer than {limits.name_bytes} bytes": max(map(_bytes, parts)) > limits.name_bytes,
    }
    for text, found in faults.items():
        if found:
            raise PackageError(f"the path {_quoted(path)} {text}")


def check_together(files: Iterable[str], folders: Iterable[str]) -> None:
    """Raise PackageError if two paths would be the same on some file system.

    Paths are compared in Unicode's form NFC and ignoring case, together with all the folders above them.
    """
    files = list(files)
    places: dict[str, str] = {}
    for folder in all_folders(files, folders):
        _check_spelling(places.setdefault(_place(folder), folder), folder)
    folder_places = frozenset(places)
    for path in files:
        place = _place(path)
        if place in folder_places:
            _check_spelling(places[place], path)
            raise PackageError(f"holds {_quoted(path)} both as a file and as a folder")
        if place in places:
            _check_spelling(places[place], path)
            raise PackageError(f"holds {_quoted(path)} twice")
        places[place] = path


def _check_spelling(one: str, other: str) -> None:
    if one != other:
        raise PackageError(
            f"holds both {_quoted(one)} and {_quoted(other)}, which differ only in case or accents"
        )


def all_folders(files: Iterable[str], folders: Iterable[str]) -> list[str]:
    """Return `folders` and every folder above a file, sorted so that each comes after its parent."""
    named = [*files, *(f"{folder}/" for folder in folders)]
    return sorted({above for path in named for above in _folders_above(path)})


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _place(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _quoted(path: str) -> str:
    return f"'{one_line(path, 80)}'"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
