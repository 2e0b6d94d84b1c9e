"""Fetches files that a node has written on its host: its logs and its test results.

Nothing that a host sends is trusted. It is checked against the request, and a file is written only under a
name that contains no path, and only up to the allowed length.
"""

import binascii
import hashlib
import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.verbs import FolderRequest
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport.session import OUTPUT_LIMIT, AgentConnection

_OFFER: Final = re.compile(r"([0-9]{1,18}) ([0-9]{1,18}) (\S+)")
_LEFT: Final = re.compile(r"([0-9]{1,18}) (\S+)")
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@-]{0,99}")
_LEFT_OUT_LIMIT: Final = 100  # the agent has the same limit
_BUFFER: Final = 256 * 1024
_GZIP: Final = zlib.MAX_WBITS | 16  # how zlib is told to expect a gzip header


@dataclass(frozen=True, slots=True)
class GatherRequest:
    """The files to gather."""

    pattern: str
    """A shell pattern for their names."""
    cut: bool
    """Whether the end of a file is useful without its beginning."""


LOGS: Final = GatherRequest("node.log.*", cut=True)
RESULTS: Final = GatherRequest("*.db", cut=False)


@dataclass(frozen=True, slots=True)
class GatherLimits:
    """The limits on what one host may send; sizes are in bytes, uncompressed."""

    file_bytes: int
    total_bytes: int
    files: int = 1000


@dataclass(frozen=True, slots=True)
class GatheredFile:
    """One file that was received."""

    name: str
    path: Path
    """Where the file is stored on the manager."""
    size: int
    """Bytes received."""
    promised: int
    """Bytes that the host announced; more than `size` if the file shrank in the meantime."""
    size_there: int
    """Size of the file on the host, in bytes."""
    sha256: str
    """SHA-256 of the received bytes, in hexadecimal."""


@dataclass(slots=True)
class Haul:
    """What one host has sent so far; complete files remain here even if the host fails later."""

    folder: Path
    """An empty folder for this host alone."""
    files: list[GatheredFile] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    """Names and sizes of files that exceeded a limit, at most one hundred."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """The agent's facts; empty if the agent did not finish."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def gather(
    host: AgentConnection, request: FolderRequest, wanted: GatherRequest, limits: GatherLimits, haul: Haul
) -> None:
    """Fetch the wanted files from the pool's folder on the host; change nothing there.

    Raises:
        HostFault: for every failure; `haul` then holds what had arrived before.
    """
    with _Receiver(wanted, limits, haul) as receiver:
        how = "end" if wanted.cut else "whole"
        arguments = (how, limits.file_bytes, limits.total_bytes, limits.files, wanted.pattern)
        facts = verbs.gather(host, request, receiver, *arguments)
        receiver.expect_no_file()
    haul.facts = facts


class _Receiver:
    """Checks what an agent sends against the request, and stores it in the haul's folder."""

    def __init__(self, wanted: GatherRequest, limits: GatherLimits, haul: Haul) -> None:
        # Base64 takes four characters for three bytes, and a line's end for 76; gzip never adds much.
        self.output_limit = limits.total_bytes * 7 // 5 + OUTPUT_LIMIT
        self._wanted = wanted
        self._limits = limits
        self._haul = haul
        self._room = limits.total_bytes
        self._incoming: _Incoming | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._incoming is not None:
            self._incoming.drop()

    def take(self, word: str, rest: str) -> None:
        match word:
            case "file":
                self._open(rest)
            case "end":
                self._close()
            case "left":
                self._leave_out(rest)
            case _:
                raise _nonsense(f"{word} {rest}")

    def data(self, line: str) -> bool:
        if self._incoming is None:
            return False
        self._incoming.take(line)
        return True

    def expect_no_file(self) -> None:
        if self._incoming is not None:
            raise _nonsense(f"{self._incoming.name} has no end")

    def _open(self, offer: str) -> None:
        self.expect_no_file()
        match = _OFFER.fullmatch(offer)
        if match is None:
            raise _nonsense(f"file {offer}")
        size, length, name = int(match[1]), int(match[2]), self._check_name(match[3])
        if length != size and not (self._wanted.cut and 0 < length < size):
            raise _nonsense(f"{name}: {length} of {size} bytes")
        if length > min(self._room, self._limits.file_bytes) or len(self._haul.files) >= self._limits.files:
            raise _nonsense(f"{name} is over the limits")
        self._room -= length
        self._incoming = _Incoming(name, size, length, self._haul.folder / name)

    def _close(self) -> None:
        if self._incoming is None:
            raise _nonsense("the end of a file that was never begun")
        self._haul.files.append(self._incoming.finish())
        self._incoming = None

    def _leave_out(self, text: str) -> None:
        match = _LEFT.fullmatch(text)
        if match is None or len(self._haul.left_out) >= _LEFT_OUT_LIMIT:
            raise _nonsense(f"left {text}")
        self._haul.left_out[self._check_name(match[2])] = int(match[1])

    def _check_name(self, name: str) -> str:
        if not _NAME.fullmatch(name) or not fnmatchcase(name, self._wanted.pattern):
            raise _nonsense(f"{name} was not requested")
        if name in self._haul.left_out or any(name == file.name for file in self._haul.files):
            raise _nonsense(f"{name} was sent twice")
        return name


class _Incoming:
    """One file being received: gzip (RFC 1952) in lines of base64 (RFC 4648, section 4)."""

    def __init__(self, name: str, size: int, length: int, path: Path) -> None:
        self.name = name
        self._size = size
        self._length = length
        self._path = path
        self._left = length
        self._sha256 = hashlib.sha256()
        self._unzip = zlib.decompressobj(_GZIP)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            self._file = os.fdopen(os.open(path, flags, 0o600), "wb", _BUFFER)
        except OSError as error:
            raise _not_kept(error) from error

    def take(self, line: str) -> None:
        """Add one line; never decompress more than one byte beyond the announced length."""
        try:
            packed = binascii.a2b_base64(line, strict_mode=True)
            plain = self._unzip.decompress(packed, self._left + 1)
        except (ValueError, zlib.error) as error:
            raise _nonsense(f"{self.name} is corrupt: {error}") from error
        if len(plain) > self._left or self._unzip.unused_data:
            raise _nonsense(f"{self.name} is longer than announced")
        self._left -= len(plain)
        self._sha256.update(plain)
        try:
            self._file.write(plain)
        except OSError as error:
            raise _not_kept(error) from error

    def finish(self) -> GatheredFile:
        """Close the file and describe what was received."""
        if not self._unzip.eof:
            raise _nonsense(f"{self.name} is incomplete")
        try:
            self._file.close()
        except OSError as error:
            raise _not_kept(error) from error
        return GatheredFile(
            name=self.name,
            path=self._path,
            size=self._length - self._left,
            promised=self._length,
            size_there=self._size,
            sha256=self._sha256.hexdigest(),
        )

    def drop(self) -> None:
        """Delete the unfinished file."""
        try:
            self._path.unlink(missing_ok=True)
            self._file.close()
        except OSError as error:
            raise _not_kept(error) from error


def _nonsense(what: str) -> HostFault:
    return HostFault(ErrorKind.PROTOCOL, what)


def _not_kept(error: OSError) -> HostFault:
    return HostFault(ErrorKind.INTERNAL, f"the manager can't keep the file: {error.strerror}")
