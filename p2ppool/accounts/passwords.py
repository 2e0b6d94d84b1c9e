"""Passwords: validation, and the argon2id hash that is stored.

The hashes are PHC strings (https://github.com/P-H-C/phc-string-format) without a key of this machine, so that
every manager on the same database can verify them.
"""

import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from p2ppool.errors import UserError

SHORTEST: Final = 10
"""In characters (NIST SP 800-63B requires at least 8)."""
LONGEST: Final = 256
"""In characters; hashing more would only keep the server busy."""
HASHER = PasswordHasher()
"""The library's default cost; verification uses the same."""
_STRENGTH: Final = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses, so that neither the limits of tries nor a stolen hash help."""
_ESTIMATED: Final = 72  # characters: with more, the estimate takes too long, and all are strong by then
_OURS: Final = ("p2ppool", "p2p", "pool", "manager")
_DIFFERENT: Final = 4  # characters: "aaaaaaaaaa" is no password


def hashed(password: str, user_name: str) -> str:
    """Return the hash to store of a password that a user has chosen.

    Raises:
        UserError: a password that is not accepted.
    """
    plain = normalized(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise UserError(
            f"a password has {SHORTEST} to {LONGEST} characters: a few words are easy to remember"
        )
    if _is_easy(plain, user_name):
        raise UserError("that password is too easy to guess: use a few unrelated words")
    return HASHER.hash(plain)


def _is_easy(plain: str, user_name: str) -> bool:
    """Tell whether others would soon guess it: common passwords, the user's name, keys beside each other."""
    if plain.casefold().strip() == user_name or len(set(plain)) < _DIFFERENT:
        return True
    found = zxcvbn(plain[:_ESTIMATED], user_inputs=[user_name, *user_name.split("@"), *_OURS])
    return bool(found["score"] < _STRENGTH)


def fits(kept: str, typed: str) -> bool:
    """Tell whether the password matches the stored hash."""
    try:
        return HASHER.verify(kept, comparable(typed))
    except (VerificationError, InvalidHashError):
        return False


def comparable(typed: str) -> str:
    """Return a typed password in the form that is hashed, at most one character longer than any valid one.

    One character can become 18 (U+FDFA), and the hash function has a limit of its own.
    """
    return normalized(typed[: LONGEST + 1])[: LONGEST + 1]


def normalized(password: str) -> str:
    """Return the same characters however a keyboard composes them (Unicode's form NFKD)."""
    return unicodedata.normalize("NFKD", password)
