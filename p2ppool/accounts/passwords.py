"""Passwords: what is accepted, and the argon2id hash that is kept.

The hashes are PHC strings (https://github.com/P-H-C/phc-string-format) without any key of this machine, so
that every manager on the same database can check them.
"""

import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from p2ppool.errors import UserError

SHORTEST: Final = 10
"""Characters (NIST SP 800-63B asks for 8 at least)."""
LONGEST: Final = 256
"""Characters; hashing more would only keep the server busy."""
HASHER = PasswordHasher()
"""The library's own choice of cost; what checks passwords takes it from here."""
_DIFFERENT: Final = 4  # characters: "aaaaaaaaaa" is no password


def hashed(password: str, user_name: str) -> str:
    """The hash to keep of a password that its user has chosen.

    Raises:
        UserError: a password that is not accepted.
    """
    plain = normalized(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise UserError(
            f"a password has {SHORTEST} to {LONGEST} characters: a few words are easy to remember"
        )
    if plain.casefold().strip() == user_name or len(set(plain)) < _DIFFERENT:
        raise UserError("that password is too easy to guess: take a few words that do not belong together")
    return HASHER.hash(plain)


def fits(kept: str, typed: str) -> bool:
    """Whether that is the password of which this hash is kept."""
    try:
        return HASHER.verify(kept, comparable(typed))
    except (VerificationError, InvalidHashError):
        return False


def comparable(typed: str) -> str:
    """What was typed at a sign-in, as hashes are made of it; too long for any user's password at most by one.

    One character can become 18 (U+FDFA), and what hashes has a bound of its own.
    """
    return normalized(typed[: LONGEST + 1])[: LONGEST + 1]


def normalized(password: str) -> str:
    """The same characters however a keyboard composes them (Unicode's form NFKD)."""
    return unicodedata.normalize("NFKD", password)
