"""Host keys in the form of OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

import paramiko
from paramiko.pkey import UnknownKeyType

from p2ppool.errors import one_line
from p2ppool.fleet.transport.host_key import ALGORITHMS

SSH_PORT: Final = 22
_KINDS: Final = frozenset(name.replace("rsa-sha2-512", "ssh-rsa") for name in ALGORITHMS)
_LONGEST_LINE: Final = 20_000


@dataclass(frozen=True)
class KnownKey:
    """One line: the hosts, as it names them, and their key."""

    pattern: str
    host_key: str


@dataclass(frozen=True)
class LeftOut:
    """A line that is not used, and why."""

    line: int
    why: str


def read_known_hosts(text: str) -> Iterator[KnownKey | LeftOut]:
    """Read every line that is no comment."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _read(number, line)


def _read(number: int, line: str) -> KnownKey | LeftOut:
    fields = line[:_LONGEST_LINE].split()
    if fields[0].startswith("@"):
        return LeftOut(number, f"{one_line(fields[0], 30)} lines are not supported")
    if len(fields) < 3:  # noqa: PLR2004 - hosts, kind, key
        return LeftOut(number, "hosts, a kind of key and a key were expected")
    pattern, kind, key = fields[:3]
    if kind not in _KINDS:
        return LeftOut(number, f"keys of the kind {one_line(kind, 40)} are not used")
    if not _is_key(kind, key):
        return LeftOut(number, "its key is damaged")
    return KnownKey(pattern, f"{kind} {key}")


def _is_key(kind: str, key: str) -> bool:
    try:
        data = base64.b64decode(key, validate=True)
        return bool(paramiko.PKey.from_type_string(kind, data).asbytes() == data)
    except (ValueError, paramiko.SSHException, UnknownKeyType):  # base64's errors are ValueErrors
        return False


def pattern_of(address: str, port: int) -> str:
    """Return the pattern of exactly one host."""
    return address if port == SSH_PORT else f"[{address}]:{port}"


def matches(pattern: str, name: str, port: int) -> bool:
    """Return whether the pattern of a line names that host."""
    wanted = pattern_of(name.lower(), port)
    if pattern.startswith("|1|"):
        return _is_hash_of(pattern, wanted)
    found = False
    for part in pattern.lower().split(","):
        if fnmatchcase(wanted, _only_stars(part.removeprefix("!"))):
            if part.startswith("!"):
                return False
            found = True
    return found


def _only_stars(part: str) -> str:
    """Leave `*` and `?` their meaning alone: brackets are a port's."""
    return part.replace("[", "[[]")


def _is_hash_of(pattern: str, wanted: str) -> bool:
    """Compare with a hashed name: `|1|`, a salt, `|`, and its HMAC-SHA-1."""
    salt, _, digest = pattern.removeprefix("|1|").partition("|")
    try:
        key, expected = base64.b64decode(salt), base64.b64decode(digest)
    except ValueError:  # also letters that are not of ASCII
        return False
    return hmac.compare_digest(hmac.new(key, wanted.encode(), hashlib.sha1).digest(), expected)
