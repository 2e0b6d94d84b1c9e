"""Random secrets that are shown once and stored as digests.

They have 256 random bits, so a plain SHA-256 is enough: nobody can try them all.
"""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32
LONGEST: Final = 128
"""In characters; longer ones were not made here."""


def fresh(prefix: str = "") -> str:
    """Return a new secret of letters, digits, '-' and '_', after the prefix."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """Return the stored digest: the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
