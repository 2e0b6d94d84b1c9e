"""Whom to contact."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One host as an action sees it."""

    key: int
    """The row of the host in the database."""
    name: str
    """As the manager wrote it."""
    address: str
    """IPv4 or IPv6, resolved."""
    port: int
    host_key: str | None
    """The pinned key as `ssh-ed25519 AAAA…`; None before first contact."""
    user: str = ""
    """Whom to sign in as, where that is not the user of the login."""
    jump: "Target | None" = None
    """The host that the SSH connection goes through."""
    is_manager: bool = False
    """This very machine: worked on without SSH."""
