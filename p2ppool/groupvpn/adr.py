"""ADR, Brunet's serialisation of plain values (its class ``AdrConverter``), with big-endian numbers.

Each value begins with a letter: ``0`` null, ``T`` and ``F``, ``_`` a UTF-8 text that ends with NUL, ``b B s S
i I l L f d`` numbers of 1, 2, 4 and 8 bytes (capitals are unsigned), ``(`` values ``)`` a list, ``{`` keys
and values ``}`` a map, and ``a`` an array: its length as a number of the smallest sufficient unsigned type,
then the letter of its elements, which have no letters of their own.

Only what certificate requests and revocation lists consist of is written: texts, bytes, lists and maps.
Everything is read except arrays of anything but bytes, which neither contains.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from p2ppool.groupvpn.errors import MalformedError

Value = None | bool | int | float | str | bytes | list["Value"] | dict["Value", "Value"]

_NUMBERS: Final = {letter: struct.Struct(f">{letter}") for letter in "bBiIfd"} | {
    "s": struct.Struct(">h"),
    "S": struct.Struct(">H"),
    "l": struct.Struct(">q"),
    "L": struct.Struct(">Q"),
}
_CONSTANTS: Final = {"0": None, "T": True, "F": False}
_LENGTHS: Final = (("B", 0xFF), ("S", 0xFFFF), ("I", 0xFFFFFFFF))
_DEEPEST: Final = 8  # nested lists and maps: the two formats have one level


def write(value: object) -> bytes:
    """Serialise a text, bytes, or a list or map of them.

    Raises:
        TypeError: the value is anything else.
        ValueError: a text contains NUL.
    """
    match value:
        case str():
            if "\0" in value:
                raise ValueError("a text with a NUL in it has no form in ADR")
            return b"_" + value.encode() + b"\0"
        case bytes():
            return b"a" + _length(len(value)) + b"B" + value
        case Mapping():
            return b"{" + b"".join(write(key) + write(item) for key, item in value.items()) + b"}"
        case Sequence():
            return b"(" + b"".join(map(write, value)) + b")"
        case _:
            raise TypeError(f"no form in ADR for {type(value).__name__}")


def _length(count: int) -> bytes:
    letter = next(letter for letter, most in _LENGTHS if count <= most)
    return letter.encode() + _NUMBERS[letter].pack(count)


def read(data: bytes) -> Value:
    """Parse the one value in `data`.

    Raises:
        MalformedError: it is not a value, or more bytes follow.
    """
    reader = _Reader(data)
    value = reader.value()
    if reader.at != len(data):
        raise MalformedError(f"{len(data) - reader.at} bytes too many after a value")
    return value


class _Reader:
    """Reads the bytes once, from start to end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def value(self, depth: int = 0) -> Value:
        if depth > _DEEPEST:
            raise MalformedError("values are nested too deep")
        letter = chr(self._take(1)[0])
        if letter in _CONSTANTS:
            return _CONSTANTS[letter]
        return self._number(letter) if letter in _NUMBERS else self._composed(letter, depth)

    def _composed(self, letter: str, depth: int) -> Value:
        match letter:
            case "_":
                return self._text()
            case "a":
                return self._array()
            case "(":
                return self._until(")", depth)
            case "{":
                return self._map(depth)
            case _:
                raise MalformedError(f"no value begins with {letter!r}")

    def _take(self, count: int) -> bytes:
        found = self._data[self.at : self.at + count]
        if len(found) != count:
            raise MalformedError("ends in the middle of a value")
        self.at += count
        return found

    def _number(self, letter: str) -> int | float:
        form = _NUMBERS[letter]
        found: int | float = form.unpack(self._take(form.size))[0]
        return found

    def _text(self) -> str:
        end = self._data.find(b"\0", self.at)
        if end < 0:
            raise MalformedError("a text without an end")
        raw = self._take(end - self.at)
        self.at += 1
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise MalformedError("a text that is not UTF-8") from None

    def _array(self) -> bytes:
        letter = chr(self._take(1)[0])
        if letter not in dict(_LENGTHS):
            raise MalformedError(f"an array whose length is of type {letter!r}")
        length = int(self._number(letter))
        if (kind := self._take(1)) != b"B":
            raise MalformedError(f"an array of type {chr(kind[0])!r}, only bytes are expected")
        return self._take(length)

    def _until(self, end: str, depth: int) -> list[Value]:
        found = []
        while self._data[self.at : self.at + 1] != end.encode():
            found.append(self.value(depth + 1))
        self.at += 1
        return found

    def _map(self, depth: int) -> dict[Value, Value]:
        flat = self._until("}", depth)
        if len(flat) % 2:
            raise MalformedError("a map with a key that has no value")
        keys = flat[::2]
        if any(isinstance(key, (list, dict)) for key in keys):
            raise MalformedError("a map with a key that is a list or a map")
        return dict(zip(keys, flat[1::2], strict=True))
