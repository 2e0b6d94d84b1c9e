"""The content of the database.

One pool has many hosts and nodes; a ticket is one request for one action on one pool and has a result for
each host; a crawl creates a snapshot with one sample for each node. Users are members of groups. All times
are UTC.
"""

from p2ppool.store.models.audit import AuditHead, AuditLine
from p2ppool.store.models.base import NAMING, Base
from p2ppool.store.models.groups import Certificate, Group, GroupNetwork, GroupTerms, Membership, Revocation
from p2ppool.store.models.known_hosts import KnownHost
from p2ppool.store.models.pool_roles import UserOnPool
from p2ppool.store.models.pools import Host, Pool
from p2ppool.store.models.registrations import Identity, Registration
from p2ppool.store.models.schedules import AcceptedRun, PoolSchedule
from p2ppool.store.models.second_factors import CodeApp, Passkey, RecoveryCode
from p2ppool.store.models.snapshots import Node, NodeSample, Snapshot
from p2ppool.store.models.software import Package, Runtime, SshKey
from p2ppool.store.models.tickets import QUEUE_ORDER, HostResult, HostSample, HostsInProgress, Ticket
from p2ppool.store.models.users import ApiToken, OneTimeLink, SignIn, User
from p2ppool.store.models.vault import SEALED, VaultKey
from p2ppool.store.models.views import PoolView, UserView
from p2ppool.store.states import (
    ACTIVE,
    CertificateState,
    GroupKind,
    HostState,
    LinkKind,
    MemberState,
    PoolRole,
    PoolState,
    Role,
    SubjectKind,
    TicketState,
)

__all__ = [
    "ACTIVE",
    "NAMING",
    "QUEUE_ORDER",
    "SEALED",
    "AcceptedRun",
    "ApiToken",
    "AuditHead",
    "AuditLine",
    "Base",
    "Certificate",
    "CertificateState",
    "CodeApp",
    "Group",
    "GroupKind",
    "GroupNetwork",
    "GroupTerms",
    "Host",
    "HostResult",
    "HostSample",
    "HostState",
    "HostsInProgress",
    "Identity",
    "KnownHost",
    "LinkKind",
    "MemberState",
    "Membership",
    "Node",
    "NodeSample",
    "OneTimeLink",
    "Package",
    "Passkey",
    "Pool",
    "PoolRole",
    "PoolSchedule",
    "PoolState",
    "PoolView",
    "RecoveryCode",
    "Registration",
    "Revocation",
    "Role",
    "Runtime",
    "SignIn",
    "Snapshot",
    "SshKey",
    "SubjectKind",
    "Ticket",
    "TicketState",
    "User",
    "UserOnPool",
    "UserView",
    "VaultKey",
]
