"""The states of pools, of their hosts, and of requests."""

from enum import StrEnum


class PoolState(StrEnum):
    """The state that a pool should be in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    STOPPED = "stopped"
    GONE = "gone"  # nothing is left of it anywhere; its rows are about to go too


class HostState(StrEnum):
    """A host's relation to its pool."""

    MEMBER = "member"
    JOINING = "joining"  # will be a member once the upgrade that brings it has succeeded
    LEAVING = "leaving"  # to be uninstalled, as it is no member any more
    GONE = "gone"  # nothing of the pool is left there; its history is kept
    JUMP = "jump"  # none of its hosts, but the way to some: here is its pinned key


class Role(StrEnum):
    """A user's role in the whole installation."""

    MANAGER = "manager"  # all
    VIEWER = "viewer"  # look at all pools
    MEMBER = "member"  # only groups, and the pools on which they have a role


class PoolRole(StrEnum):
    """A user's role on one pool."""

    VIEWER = "viewer"  # look
    OPERATOR = "operator"  # also crawl, check and gather
    MANAGER = "manager"  # all that can be done with an existing pool

    def includes(self, other: "PoolRole") -> bool:
        """Tell whether it allows everything that `other` allows."""
        ranks = list(PoolRole)
        return ranks.index(self) >= ranks.index(other)


class LinkKind(StrEnum):
    """The purpose of a one-time link."""

    FIRST_MANAGER = "first manager"  # whoever has it becomes the first manager
    PASSWORD = "password"  # noqa: S105 - its user chooses one
    ENTRY = "entry"  # its user is in


class GroupKind(StrEnum):
    """The kind of resource that a group shares."""

    VPN = "vpn"  # a virtual network
    APPLIANCE = "appliance"  # a grid of machines in one


class MemberState(StrEnum):
    """A user's relation to a group."""

    REQUESTED = "requested"
    MEMBER = "member"
    ADMIN = "admin"
    DENIED = "denied"
    REVOKED = "revoked"
    LEFT = "left"


class CertificateState(StrEnum):
    """The state of a certificate request."""

    WAITING = "waiting"  # for an admin
    SIGNED = "signed"
    DENIED = "denied"


class TicketState(StrEnum):
    """The state of a request for an action."""

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
"""The states in which a ticket is in the queue."""


class SubjectKind(StrEnum):
    """The kind of subject of an audit entry."""

    POOL = "pool"
    USER = "user"
    VPN = "vpn"  # a GroupVPN
    APPLIANCE = "appliance"  # a GroupAppliance
    PACKAGE = "package"  # P2P software, or a runtime for it
    KEY = "key"  # an SSH key
