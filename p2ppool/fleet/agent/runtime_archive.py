"""A runtime that a pool brings along for hosts that have none."""

import re
from dataclasses import dataclass, field
from typing import Final

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MACHINE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeArchive:
    """A runtime packed for upload; one copy serves all hosts.

    Raises:
        ValueError: `digest` or `machine` is malformed.
    """

    digest: str
    """SHA-256 of the archive in hexadecimal."""
    data: bytes | memoryview = field(repr=False)
    """A .tar.gz in which `bin/NAME`, a script, runs the program of that name, wherever it is unpacked."""
    machine: str
    """The machine type that it runs on, as `uname -m` prints it."""

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"not a SHA-256 digest: {self.digest!r}")
        if not _MACHINE.fullmatch(self.machine):
            raise ValueError(f"not a machine type: {self.machine!r}")

    @property
    def descriptor(self) -> str:
        """The form that the agent reads: DIGEST:BYTES:MACHINE."""
        return f"{self.digest}:{memoryview(self.data).nbytes}:{self.machine}"
