"""RSA keys as Windows' and Mono's cryptographic providers write them.

Source of the format: Microsoft, "Base Provider Key BLOBs" (PUBLICKEYSTRUC, RSAPUBKEY). All numbers are
little-endian: type (6 public, 7 private), version 2, two zero bytes, algorithm 0xA400 (RSA for key exchange),
then ``RSA1`` or ``RSA2``, bits, exponent, modulus, and for a private key also p, q, dp, dq, qInv, d.
"""

import struct
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from p2ppool.groupvpn.errors import MalformedError

_HEAD: Final = struct.Struct("<BBHI4sII")
_VERSION: Final = 2
_ALGORITHM: Final = 0xA400
_PUBLIC: Final = (6, b"RSA1")
_PRIVATE: Final = (7, b"RSA2")
_BITS: Final = range(1024, 16384 + 1, 8)  # clients of 2009 generate 1024
_LEAST_EXPONENT: Final = 3


def write_public(key: rsa.RSAPublicKey) -> bytes:
    """Write the blob of a public key."""
    numbers = key.public_numbers()
    return _head(_PUBLIC, key.key_size, numbers.e) + _little(numbers.n, key.key_size // 8)


def write_private(key: rsa.RSAPrivateKey) -> bytes:
    """Write the blob of a private key, which includes its public half."""
    numbers, whole = key.private_numbers(), key.key_size // 8
    public = _little(numbers.public_numbers.n, whole)
    halves = (numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    parts = b"".join(_little(number, whole // 2) for number in halves)
    return (
        _head(_PRIVATE, key.key_size, numbers.public_numbers.e) + public + parts + _little(numbers.d, whole)
    )


def read_public(blob: bytes) -> rsa.RSAPublicKey:
    """Read the key in a public blob.

    Raises:
        MalformedError: it is not a key, or a key too weak to be trusted.
    """
    bits, exponent, body = _read_head(blob, _PUBLIC)
    if len(body) != bits // 8:
        raise MalformedError(f"a public key of {bits} bits with {len(body)} bytes")
    return _public(exponent, int.from_bytes(body, "little"), bits)


def read_private(blob: bytes) -> rsa.RSAPrivateKey:
    """Read the key in a private blob.

    Raises:
        MalformedError: it is not a key.
    """
    bits, exponent, body = _read_head(blob, _PRIVATE)
    whole, half = bits // 8, bits // 16
    sizes = (whole, half, half, half, half, half, whole)
    if len(body) != sum(sizes):
        raise MalformedError(f"a private key of {bits} bits with {len(body)} bytes")
    n, p, q, dp, dq, inverse, d = _cut(body, sizes)
    public = rsa.RSAPublicNumbers(exponent, n)
    try:
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, inverse, public).private_key()
    except ValueError:
        raise MalformedError("a private key whose numbers do not fit together") from None


def _head(kind: tuple[int, bytes], bits: int, exponent: int) -> bytes:
    number, magic = kind
    return _HEAD.pack(number, _VERSION, 0, _ALGORITHM, magic, bits, exponent)


def _little(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")


def _read_head(blob: bytes, kind: tuple[int, bytes]) -> tuple[int, int, bytes]:
    """Return bits, exponent and the remaining bytes."""
    if len(blob) < _HEAD.size:
        raise MalformedError("too short for a key")
    number, version, zero, algorithm, magic, bits, exponent = _HEAD.unpack_from(blob)
    if (number, version, zero, algorithm, magic) != (kind[0], _VERSION, 0, _ALGORITHM, kind[1]):
        raise MalformedError(f"no {'public' if kind == _PUBLIC else 'private'} RSA key blob")
    if bits not in _BITS:
        raise MalformedError(f"a key of {bits} bits: from {_BITS[0]} to {_BITS[-1]} are accepted")
    return bits, exponent, blob[_HEAD.size :]


def _public(exponent: int, modulus: int, bits: int) -> rsa.RSAPublicKey:
    if exponent < _LEAST_EXPONENT or modulus.bit_length() != bits:
        raise MalformedError(f"a public key that is not of {bits} bits, or has the exponent {exponent}")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise MalformedError("a public key whose numbers can't be one") from None


def _cut(body: bytes, sizes: tuple[int, ...]) -> list[int]:
    numbers, at = [], 0
    for size in sizes:
        numbers.append(int.from_bytes(body[at : at + size], "little"))
        at += size
    return numbers
