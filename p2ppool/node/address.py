"""Overlay addresses: 160-bit numbers on a ring, written as Brunet writes them.

The text form is ``brunet:node:`` and the 20 bytes, big endian, in base32 (RFC 4648, upper case, 32
characters, no padding). A node's own address is even: Brunet keeps odd numbers for other kinds of addresses.

*Left* is the direction of rising numbers and *right* of falling ones, as in the answers of real Brunet nodes.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import secrets

PREFIX = "brunet:node:"
RING = 1 << 160
_BYTES = 20
_CHARACTERS = 32
_REMEMBERED = 1024  # nodes see the same few addresses all the time


class AddressError(ValueError):
    """The text is not an overlay address."""


def parse(text: object) -> int:
    """Parse the number that `text` represents.

    Raises:
        AddressError: wrong prefix, length or alphabet.
    """
    if not isinstance(text, str) or not text.startswith(PREFIX):
        raise AddressError("not an overlay address (brunet:node:…): %.80r" % (text,))
    return _parse(text)


@functools.lru_cache(maxsize=_REMEMBERED)
def _parse(text: str) -> int:
    body = text[len(PREFIX) :]
    if len(body) != _CHARACTERS or "=" in body:
        raise AddressError("an overlay address has %d base32 characters: %.80r" % (_CHARACTERS, text))
    try:
        return int.from_bytes(base64.b32decode(body), "big")
    except (binascii.Error, ValueError):
        raise AddressError("an overlay address is base32 (A-Z, 2-7): %.80r" % (text,)) from None


@functools.lru_cache(maxsize=_REMEMBERED)
def write(number: int) -> str:
    """Return the text form of `number`, which must lie on the ring."""
    return PREFIX + base64.b32encode(number.to_bytes(_BYTES, "big")).decode("ascii")


def new() -> int:
    """Return a random address for a node (even)."""
    return secrets.randbits(160) & ~1


def sibling(first: int, index: int) -> int:
    """Return the address of node `index` of a process whose node 0 has the address `first` (even).

    It is always the same for the same arguments, so that a restarted process keeps all its addresses.
    """
    if index == 0:
        return first
    seed = first.to_bytes(_BYTES, "big") + index.to_bytes(4, "big")
    return int.from_bytes(hashlib.sha256(seed).digest()[:_BYTES], "big") & ~1


def leftward(start: int, end: int) -> int:
    """Count the steps from `start` to `end` in the direction of rising numbers: 0 … RING - 1."""
    return (end - start) % RING


def distance(one: int, other: int) -> int:
    """Count the steps between two addresses on the shorter way round."""
    return min(leftward(one, other), leftward(other, one))
