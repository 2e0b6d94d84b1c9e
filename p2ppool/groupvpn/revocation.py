"""A group's revocation list: names of users whose certificates are invalid.

It begins with the length of the signed part (32 bits, big endian). The signed part is the time of the list's
creation in .NET ticks (64 bits, big endian) and an ADR list of user names. Then follows its signature by the
group's authority, PKCS#1 v1.5 with SHA-1, the only one that clients support.
"""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from p2ppool.groupvpn import adr

_LENGTH: Final = struct.Struct(">i")
_TICKS: Final = struct.Struct(">q")
_FIRST_TICK: Final = datetime(1, 1, 1, tzinfo=UTC)
_TICK: Final = 10  # ticks in a microsecond: one tick is 100 ns


def ticks_of(moment: datetime) -> int:
    """Convert a moment with a time zone to .NET's ticks."""
    return (moment - _FIRST_TICK) // timedelta(microseconds=1) * _TICK


def write_revocations(names: Sequence[str], ticks: int, key: rsa.RSAPrivateKey) -> bytes:
    """Write the signed list.

    Raises:
        ValueError: a name contains NUL.
    """
    body = _TICKS.pack(ticks) + adr.write(list(names))
    return _LENGTH.pack(len(body)) + body + key.sign(body, padding.PKCS1v15(), _sha1())


def _sha1() -> hashes.HashAlgorithm:
    return hashes.SHA1()  # noqa: S303 - the one that clients check
