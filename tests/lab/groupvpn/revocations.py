"""Reads revocation lists as a client does: the other half of p2ppool.groupvpn.revocation."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding

from p2ppool.groupvpn import adr
from p2ppool.groupvpn.errors import MalformedError
from p2ppool.groupvpn.revocation import _FIRST_TICK, _LENGTH, _TICK, _TICKS, _sha1

_LARGEST = 4 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class RevocationList:
    """The revoked names; `ticks` are units of 100 ns since the year 1, UTC."""

    ticks: int
    names: tuple[str, ...]

    @property
    def made_at(self) -> datetime:
        """The time of its creation, to the microsecond."""
        return _FIRST_TICK + timedelta(microseconds=self.ticks // _TICK)


def read_revocations(data, authority):
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
