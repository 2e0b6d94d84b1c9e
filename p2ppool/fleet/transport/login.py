"""The account to sign in with."""

from dataclasses import dataclass, field

import paramiko


@dataclass(frozen=True, slots=True)
class Login:
    """The account that a pool's hosts share."""

    user: str
    key: paramiko.PKey = field(repr=False)
