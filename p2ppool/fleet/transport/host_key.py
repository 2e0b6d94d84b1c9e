"""Host keys as text, `ssh-ed25519 AAAA…`, and the algorithms to request to see the pinned key again."""

import base64
import binascii
import hashlib
from typing import Final

import paramiko

from p2ppool.fleet.host.outcome import ErrorKind, HostFault

ALGORITHMS: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


def text_of(key: paramiko.PKey) -> str:
    """Return type and base64 of a public key, as in known_hosts (sshd(8))."""
    return f"{key.get_name()} {key.get_base64()}"


def fingerprint(host_key: str) -> str:
    """Return `SHA256:…` as `ssh-keygen -l` shows it."""
    try:
        blob = base64.b64decode(host_key.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return "unreadable"
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def preferred_algorithms(pinned: str | None) -> tuple[str, ...]:
    """Return all algorithms, those of the pinned key first.

    A server with keys of several types shows the first type requested; a type other than the pinned one would
    look like a changed key. An RSA key signs as rsa-sha2-* (RFC 8332).
    """
    wanted = pinned.split()[0].replace("ssh-rsa", "rsa-sha2-") if pinned else ""
    return tuple(sorted(ALGORITHMS, key=lambda name: not (wanted and name.startswith(wanted))))


def check(offered: str, pinned: str | None) -> None:
    """Refuse any key but the pinned one; accept every key at first contact.

    Raises:
        HostFault: the key has changed; the text has both fingerprints.
    """
    if pinned is not None and offered.split() != pinned.split()[:2]:
        raise HostFault(
            ErrorKind.HOST_KEY_CHANGED, f"pinned {fingerprint(pinned)}, offered {fingerprint(offered)}"
        )
