"""Landlock: a process gives up access to files, TCP ports and other processes, for itself and its children.

The interface is described in the kernel's Documentation/userspace-api/landlock.rst; no privileges are needed.
Whoever is confined can't trace a process outside either, so its memory and environment can't be read.
"""

import ctypes
import errno
import os
import struct
from enum import IntFlag
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1
_NET_PORT: Final = 2
_SCOPE_ALL: Final = 3  # abstract sockets and signals
_FIRST_WITH_PORTS: Final = 4
_FIRST_WITH_SCOPES: Final = 6
_FILE_BITS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # by the version of the interface
_ALL_FILE_BITS: Final = 16
_libc = ctypes.CDLL(None, use_errno=True)


class Files(IntFlag):
    """What can be done with files; each right covers everything below a folder."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_FOLDER = 1 << 3
    REMOVE_FOLDER = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_FOLDER = 1 << 7
    MAKE_FILE = 1 << 8
    MOVE = 1 << 13
    TRUNCATE = 1 << 14
    CONTROL_DEVICE = 1 << 15


READ: Final = Files.READ_FILE | Files.READ_FOLDER
RUN: Final = READ | Files.EXECUTE
USE_DEVICE: Final = Files.READ_FILE | Files.WRITE_FILE | Files.TRUNCATE
CHANGE: Final = (
    READ
    | Files.WRITE_FILE
    | Files.TRUNCATE
    | Files.REMOVE_FOLDER
    | Files.REMOVE_FILE
    | Files.MAKE_FOLDER
    | Files.MAKE_FILE
    | Files.MOVE
)
"""Everything but special files and links: what follows a link there is not confined."""

_OF_A_FILE: Final = Files.EXECUTE | Files.WRITE_FILE | Files.READ_FILE | Files.TRUNCATE | Files.CONTROL_DEVICE


class Ports(IntFlag):
    """What can be done with a TCP port."""

    BIND = 1
    CONNECT = 2


def version() -> int:
    """Return the version of the kernel's interface; 0 if it has none, or it is switched off."""
    return max(0, int(_libc.syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), _VERSION_FLAG)))


def limits_ports(interface: int) -> bool:
    """Return whether that version of the interface can limit TCP ports."""
    return interface >= _FIRST_WITH_PORTS


def limits_signals(interface: int) -> bool:
    """Return whether that version of the interface can keep signals from processes outside."""
    return interface >= _FIRST_WITH_SCOPES


class Ruleset:
    """What stays allowed. An older kernel confines less: pass its `version()`."""

    def __init__(self, interface: int) -> None:
        """Begin with nothing allowed.

        Raises:
            OSError: the kernel has no Landlock.
        """
        self._files = (1 << _FILE_BITS.get(interface, _ALL_FILE_BITS)) - 1
        self._ports = Ports.BIND | Ports.CONNECT if limits_ports(interface) else Ports(0)
        scopes = _SCOPE_ALL if limits_signals(interface) else 0
        words = (self._files, self._ports, scopes)
        size = 24 if scopes else 16 if self._ports else 8
        attributes = struct.pack("=QQQ", *words)[:size]
        self.descriptor = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)

    def allow(self, path: Path, rights: Files) -> None:
        """Allow this with the file, or with everything below the folder; nothing if there is none.

        Raises:
            OSError: the path can't be opened.
        """
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            granted = rights if path.is_dir() else rights & _OF_A_FILE
            self._add(_PATH_BENEATH, struct.pack("=Qi", granted & self._files, place))
        finally:
            os.close(place)

    def allow_port(self, port: int, rights: Ports) -> None:
        """Allow this with the TCP port; port 0 is one that the kernel chooses."""
        if granted := rights & self._ports:
            self._add(_NET_PORT, struct.pack("=QQ", granted, port))

    def restrict(self) -> None:
        """Give up everything that is not allowed, in this thread; it is taken over by what it starts.

        The process must have given up new privileges before.
        """
        _call(_RESTRICT_SELF, self.descriptor, 0)
        os.close(self.descriptor)

    def _add(self, kind: int, rule: bytes) -> None:
        _call(_ADD_RULE, self.descriptor, kind, rule, 0)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno() or errno.EINVAL
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
