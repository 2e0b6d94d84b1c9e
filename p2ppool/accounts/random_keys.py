"""Secrets that are made here, given out once, and kept as digests.

They have 256 random bits, so that a plain SHA-256 is enough: nobody can try them all.
"""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32
LONGEST: Final = 128
"""Characters; what is longer was not made here."""


def fresh(prefix: str = "") -> str:
    """A new secret of letters, digits, '-' and '_', behind the prefix."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """What is kept of it: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
