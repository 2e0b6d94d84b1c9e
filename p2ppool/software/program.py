"""How a package says what to start: `p2ppool.json` in its root, or the original's `P2PNode.exe` there."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from p2ppool.errors import one_line
from p2ppool.software.package_limits import PackageError
from p2ppool.software.runtime import Runtime
from p2ppool.software.zip_entries import ZipEntry, ZipFileBytes, unpacked

MANIFEST = "p2ppool.json"
ORIGINAL_PROGRAM = "P2PNode.exe"
_MANIFEST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Program:
    """A file of the package and the runtime that starts it."""

    runtime: Runtime
    path: str


class _Manifest(BaseModel):
    """The whole of `p2ppool.json`: ``{"runtime": "python3", "program": "relative/path"}``."""

    model_config = ConfigDict(extra="forbid")
    runtime: Runtime
    program: str = Field(min_length=1)


def find_program(file: ZipFileBytes, files: Sequence[ZipEntry]) -> Program:
    """What the package with these files starts.

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
    try:
        manifest = _Manifest.model_validate_json(b"".join(unpacked(file, entry)))
    except ValidationError as error:
        raise PackageError(f"{MANIFEST}: {_first_fault(error)}") from error
    if manifest.program not in by_path:
        raise PackageError(
            f"{MANIFEST}: the program '{one_line(manifest.program, 80)}' is not among its files"
        )
    return Program(manifest.runtime, manifest.program)


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_input=False, include_url=False)[0]
    return one_line(": ".join([*map(str, fault["loc"]), fault["msg"]]))


def _hint(paths: dict[str, ZipEntry]) -> str:
    """Packing the folder instead of what is in it is the common slip."""
    elsewhere = [path for path in paths if path.rpartition("/")[2] in {MANIFEST, ORIGINAL_PROGRAM}]
    return f" (it is at '{one_line(min(elsewhere), 80)}')" if elsewhere else ""
