"""A group's revocation list: names of users whose certificates are invalid.

It begins with the length of the signed part (32 bits, big endian). The signed part is the time of the list's
creation in .NET ticks (64 bits, big endian) and an ADR list of user names. Then follows its signature by the
group's authority, PKCS#1 v1.5 with SHA-1, the only one that clients support.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from p2ppool.groupvpn import adr
from p2ppool.groupvpn.errors import MalformedError

_LENGTH: Final = struct.Struct(">i")
_TICKS: Final = struct.Struct(">q")
_FIRST_TICK: Final = datetime(1, 1, 1, tzinfo=UTC)
_TICK: Final = 10  # ticks in a microsecond: one tick is 100 ns
_LARGEST: Final = 4 * 1024 * 1024  # bytes of a list that is read


@dataclass(frozen=True)
class RevocationList:
    """The revoked names; `ticks` are units of 100 ns since the year 1, UTC."""

    ticks: int
    names: tuple[str, ...]

    @property
    def made_at(self) -> datetime:
        """The time of its creation, to the microsecond."""
        return _FIRST_TICK + timedelta(microseconds=self.ticks // _TICK)


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


def read_revocations(data: bytes, authority: rsa.RSAPublicKey) -> RevocationList:
    """Parse the list if this authority signed it.

    Raises:
        MalformedError: it is not a list, or another authority signed it.
    """
    if not _LENGTH.size <= len(data) <= _LARGEST:
        raise MalformedError(f"a revocation list of {len(data)} bytes")
    (length,) = _LENGTH.unpack_from(data)
    end = _LENGTH.size + length
    if not _TICKS.size <= length <= len(data) - _LENGTH.size:
        raise MalformedError("a revocation list with a wrong length")
    body, signature = data[_LENGTH.size : end], data[end:]
    try:
        authority.verify(signature, body, padding.PKCS1v15(), _sha1())
    except InvalidSignature:
        raise MalformedError("a revocation list that another authority signed") from None
    names = adr.read(body[_TICKS.size :])
    if not isinstance(names, list):
        raise MalformedError("a revocation list without names")
    texts = tuple(name for name in names if isinstance(name, str))
    if len(texts) != len(names):
        raise MalformedError("a revocation list with a name that is no text")
    return RevocationList(_TICKS.unpack_from(body)[0], texts)


def _sha1() -> hashes.HashAlgorithm:
    return hashes.SHA1()  # noqa: S303 - the one that clients check
