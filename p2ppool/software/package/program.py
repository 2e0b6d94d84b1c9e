"""The program that a package starts: named by `p2ppool.json` in its root,
or the original's `P2PNode.exe` there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from p2ppool.errors import one_line
from p2ppool.software.archive.limits import PackageError
from p2ppool.software.archive.zip_entries import ZipEntry, ZipFileBytes, unpacked
from p2ppool.software.runtime.runtime import Runtime

MANIFEST = "p2ppool.json"
ORIGINAL_PROGRAM = "P2PNode.exe"
_MANIFEST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Program:
    """A file of the package and the runtime that starts it."""

    runtime: Runtime
    path: str


def find_program(file: ZipFileBytes, files: Sequence[ZipEntry]) -> Program:
    """Find the program that the package with these files starts.

    `p2ppool.json` is just ``{"runtime": "python3" or "mono", "program": "relative/path"}``.

    Raises:
        PackageError: a faulty `p2ppool.json`, or neither it nor a `P2PNode.exe` in the root.
    """
    by_path = {entry.path: entry for entry in files}
    if MANIFEST in by_path:
        return _from_manifest(file, by_path)
    if ORIGINAL_PROGRAM in by_path:
        return Program(Runtime.MONO, ORIGINAL_PROGRAM)
    raise PackageError(
        f"has no start program: put {ORIGINAL_PROGRAM} or a {MANIFEST} into its root{_hint(by_path)}"
    )


def _from_manifest(file: ZipFileBytes, by_path: dict[str, ZipEntry]) -> Program:
    entry = by_path[MANIFEST]
    if entry.size > _MANIFEST_BYTES:
        raise PackageError(f"{MANIFEST} is larger than {_MANIFEST_BYTES} bytes")
    manifest = _object(b"".join(unpacked(file, entry)))
    if set(manifest) != {"runtime", "program"}:
        raise PackageError(f'{MANIFEST} must be {{"runtime": …, "program": …}} and hold nothing else')
    runtime, program = manifest["runtime"], manifest["program"]
    if runtime not in list(Runtime):
        raise PackageError(
            f"{MANIFEST}: the runtime '{one_line(runtime, 40)}' is not one of {', '.join(Runtime)}"
        )
    if not isinstance(program, str) or program not in by_path:
        raise PackageError(f"{MANIFEST}: the program '{one_line(program, 80)}' is not among its files")
    return Program(Runtime(runtime), program)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PackageError(f"{MANIFEST} is not JSON: {one_line(error, 80)}") from error
    if not isinstance(value, dict):
        raise PackageError(f"{MANIFEST} is not a JSON object")
    return value


def _hint(paths: dict[str, ZipEntry]) -> str:
    """Hint at the common mistake of packing the folder instead of its content."""
    elsewhere = [path for path in paths if path.rpartition("/")[2] in {MANIFEST, ORIGINAL_PROGRAM}]
    return f" (it is at '{one_line(min(elsewhere), 80)}')" if elsewhere else ""
