"""Gives up what a process has or may gain beyond its user's rights: capabilities, and setuid programs."""

import ctypes
import os
import struct
from typing import Final

_PR_CAPBSET_DROP: Final = 24
_PR_SET_SECUREBITS: Final = 28
_PR_SET_NO_NEW_PRIVS: Final = 38
_NO_PRIVILEGES_OF_ROOT: Final = 0x2F  # NOROOT, NO_SETUID_FIXUP, both locked, and KEEP_CAPS locked
_CAPABILITIES_VERSION: Final = 0x20080522
_MOST_CAPABILITIES: Final = 64
_libc = ctypes.CDLL(None, use_errno=True)


def give_up() -> None:
    """Give up all privileges for good, also those that root has.

    Raises:
        OSError: the kernel refuses.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if os.geteuid() == 0:
        _prctl(_PR_SET_SECUREBITS, _NO_PRIVILEGES_OF_ROOT)
        for capability in range(_MOST_CAPABILITIES):
            _libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)  # the last ones do not exist
    _drop_capabilities()


def _drop_capabilities() -> None:
    header = struct.pack("=Ii", _CAPABILITIES_VERSION, 0)
    if _libc.capset(header, bytes(24)):
        _fail("capset")


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        _fail("prctl")


def _fail(call: str) -> None:
    code = ctypes.get_errno()
    raise OSError(code, f"{call}: {os.strerror(code)}")
