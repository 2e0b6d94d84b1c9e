"""A host to contact."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One host as an action knows it."""

    key: int
    """The id of the host's row in the database."""
    name: str
    """The name as the user wrote it."""
    address: str
    """IPv4 or IPv6, resolved."""
    port: int
    host_key: str | None
    """The pinned key as `ssh-ed25519 AAAA…`; None before first contact."""
    user: str = ""
    """The user to sign in as, if it differs from the login's."""
    jump: "Target | None" = None
    """The host that the SSH connection goes through."""
    is_manager: bool = False
    """The manager's own machine, which is worked on without SSH."""
