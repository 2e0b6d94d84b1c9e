"""Adapts the 2010 Brunet to the Linux of today while a bundle is made; the package stays as it was added.

Brunet learns its host's addresses by starting `/sbin/ifconfig`, by exactly this path, and reads only what
net-tools printed up to 1.60. Newer ones print another form, and many hosts have none. The path is a string of
the assembly (ECMA-335, II.24.2.4: its length, UTF-16, one more byte), so another path of the same length can
stand there: that of a script in the node's own folder, which prints what Brunet can read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from p2ppool.software.archive.zip_entries import ZipEntry, ZipFileBytes, unpacked
from p2ppool.software.package.program import Program
from p2ppool.software.runtime.runtime import Runtime

IFCONFIG: Final = "/sbin/ifconfig"
REPLACEMENT: Final = "./.p2pifconfig"
SCRIPT: Final = "ifconfig"
"""The script's name in the root of a bundle; the agent copies it into the node's folder."""
REASON: Final = (
    f"starts {IFCONFIG}, of which today's prints what Brunet can't read; in bundles {REPLACEMENT} instead"
)
_ASSEMBLY: Final = b"MZ"


def _string(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return bytes([len(data) + 1]) + data + b"\0"


@dataclass(frozen=True)
class Adapted:
    """A file of a package that bundles hold with other bytes, and why."""

    path: str
    reason: str


def adapted_files(file: ZipFileBytes, files: Sequence[ZipEntry], program: Program) -> Iterator[Adapted]:
    """Yield the files that a bundle adapts."""
    if program.runtime is not Runtime.MONO:
        return
    for entry in files:
        if _string(IFCONFIG) in _assembly(file, entry):
            yield Adapted(entry.path, REASON)


def adapted(data: bytes) -> bytes:
    """Return an assembly's bytes with the path of ifconfig replaced."""
    return data.replace(_string(IFCONFIG), _string(REPLACEMENT))


def script() -> bytes:
    """Return the script that takes the place of ifconfig."""
    return resources.files(__package__).joinpath("ifconfig.sh").read_bytes()


def _assembly(file: ZipFileBytes, entry: ZipEntry) -> bytes:
    """Return the bytes of an assembly; none of another file, of which only the beginning is read."""
    blocks = unpacked(file, entry)
    first = next(blocks, b"")
    return first + b"".join(blocks) if first.startswith(_ASSEMBLY) else b""
