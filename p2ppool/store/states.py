"""The states of a pool, of a host in it and of a request."""

from enum import StrEnum


class PoolState(StrEnum):
    """What a manager wants of a pool."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    STOPPED = "stopped"
    GONE = "gone"  # nothing is left of it anywhere; its rows are about to go too


class HostState(StrEnum):
    """What a host is to its pool."""

    MEMBER = "member"
    JOINING = "joining"  # will be a member once the upgrade that brings it has succeeded
    LEAVING = "leaving"  # to be uninstalled, as it is no member any more
    GONE = "gone"  # nothing of the pool is left there; its history is kept
    JUMP = "jump"  # none of its hosts, but the way to some: here is its pinned key


class Role(StrEnum):
    """What a user may do."""

    MANAGER = "manager"  # all
    VIEWER = "viewer"  # look


class LinkKind(StrEnum):
    """What a link that works once is for."""

    FIRST_MANAGER = "first manager"  # whoever has it becomes the first manager
    PASSWORD = "password"  # noqa: S105 - its user chooses one
    ENTRY = "entry"  # its user is in


class GroupKind(StrEnum):
    """What a group shares."""

    VPN = "vpn"  # a virtual network
    APPLIANCE = "appliance"  # a grid of machines in one


class MemberState(StrEnum):
    """What a user is to a group."""

    REQUESTED = "requested"
    MEMBER = "member"
    ADMIN = "admin"
    DENIED = "denied"
    REVOKED = "revoked"
    LEFT = "left"


class CertificateState(StrEnum):
    """How far a certificate has come."""

    WAITING = "waiting"  # for an admin
    SIGNED = "signed"
    DENIED = "denied"


class TicketState(StrEnum):
    """How far a request has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CRASHED = "crashed"
    MERGED = "merged"
    REFUSED = "refused"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in ACTIVE


ACTIVE = (TicketState.WAITING, TicketState.RUNNING)
"""The states in which a ticket is in others' way."""


class SubjectKind(StrEnum):
    """What a line of the audit is about."""

    POOL = "pool"
    USER = "user"
    VPN = "vpn"  # a GroupVPN
    APPLIANCE = "appliance"  # a GroupAppliance
