"""What the database holds.

One pool has many hosts and nodes; a ticket is one request of one action on one pool and leaves a result for
each host; a crawl leaves a snapshot with one sample for each node. All times are UTC.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from p2ppool.store.types import UtcDateTime, now

# Without names of our own, Alembic could not drop a constraint on every database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class PoolState(StrEnum):
    """What a manager wants of a pool."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


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


def _by_value(kind: type[StrEnum]) -> Enum:
    """A column of short text, so that a later release can add a value without touching the table."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        str: Text,
        PoolState: _by_value(PoolState),
        TicketState: _by_value(TicketState),
    }


class Package(Base):
    """A zip of P2P software; the file itself is found by its digest."""

    __tablename__ = "packages"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256 of the zip, hexadecimal
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    runtime: Mapped[str] = mapped_column(String(16))
    program: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(default=now)


class SshKey(Base):
    """A private key for SSH, sealed by the vault."""

    __tablename__ = "ssh_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    key_type: Mapped[str] = mapped_column(String(32))
    bits: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    public_line: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(default=now)


class Pool(Base):
    """One deployment of nodes that share a namespace."""

    __tablename__ = "pools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)  # marks the pool's folders on hosts
    description: Mapped[str] = mapped_column(default="")
    namespace: Mapped[str] = mapped_column(String(64))
    udp_port: Mapped[int | None]
    tcp_port: Mapped[int | None]
    rpc_port: Mapped[int]
    ssh_user: Mapped[str] = mapped_column(String(64))
    ssh_key_id: Mapped[int] = mapped_column(ForeignKey("ssh_keys.id"))
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    install_path: Mapped[str]
    nodes_per_process: Mapped[int] = mapped_column(default=1)
    state: Mapped[PoolState] = mapped_column(default=PoolState.ACTIVE)
    fence: Mapped[int] = mapped_column(default=0)  # of the latest turn
    created_at: Mapped[datetime] = mapped_column(default=now)

    hosts: Mapped[list["Host"]] = relationship(back_populates="pool", order_by="Host.id")
    package: Mapped[Package] = relationship()
    ssh_key: Mapped[SshKey] = relationship()


class Host(Base):
    """One machine of a pool."""

    __tablename__ = "hosts"
    __table_args__ = (UniqueConstraint("pool_id", "address", "port"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))  # as the manager wrote it
    address: Mapped[str] = mapped_column(String(45))  # the IP address it had when it was added
    port: Mapped[int]
    host_key: Mapped[str | None]  # pinned at first contact
    digest: Mapped[str | None] = mapped_column(String(64))  # of the bundle that was verified last

    pool: Mapped[Pool] = relationship(back_populates="hosts")


class Ticket(Base):
    """One request of one action on one pool."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "pool_id", "id"),
        Index(
            None, "state", "pool_id"
        ),  # what is active, of all pools or of one, however long the history is
        Index(None, "pool_id", "ended_at"),  # what has just ended
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(32))
    state: Mapped[TicketState] = mapped_column(default=TicketState.WAITING)
    requester: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[dict[str, Any]]  # names only, never a secret
    flow_run: Mapped[str | None] = mapped_column(String(36), index=True)  # id of the Prefect run
    message: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)  # hosts or nodes so far
    total: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)  # when it was to happen: the order of the queue
    requested_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    fence: Mapped[int | None]  # of its turn; None before it
    holder: Mapped[str | None] = mapped_column(String(128))  # the process that answers for it
    beat: Mapped[int] = mapped_column(default=0)  # rises as long as that process lives
    cancel: Mapped[str | None]  # why it is told to end
    preempted_by: Mapped[int | None]  # id of the ticket that told it to
    merged_into: Mapped[int | None]  # id of the ticket that does what it asked for
    retry_of: Mapped[int | None]  # id of the ticket whose failed hosts it tries again
    told: Mapped[bool] = mapped_column(default=False, index=True)  # whether Prefect knows how it ended

    pool: Mapped[Pool] = relationship()


QUEUE_ORDER = (Ticket.state != TicketState.RUNNING, Ticket.due_at, Ticket.id)
"""Sorts a pool's active tickets: the one that runs, then those that wait, in the order of their turns."""


class HostResult(Base):
    """How one action went on one host."""

    __tablename__ = "host_results"
    __table_args__ = (Index(None, "host_id", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"), primary_key=True)
    error: Mapped[str | None] = mapped_column(String(32))  # a kind of error; none: it went well
    step: Mapped[str] = mapped_column(String(32))
    message: Mapped[str]
    seconds: Mapped[float]
    ended_at: Mapped[datetime] = mapped_column(default=now)

    host: Mapped[Host] = relationship()


class Snapshot(Base):
    """One crawl: the sums over its nodes."""

    __tablename__ = "snapshots"
    __table_args__ = (Index(None, "pool_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    started_at: Mapped[datetime]
    seconds: Mapped[float]
    complete: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")  # why it is not complete
    expected: Mapped[int]  # nodes there should be
    answered: Mapped[int]
    silent: Mapped[int]
    ghosts: Mapped[int]
    left_over: Mapped[int]
    consistency: Mapped[float | None]
    retries: Mapped[int]
    tcp: Mapped[int]
    udp: Mapped[int]
    tunnel: Mapped[int]
    cons: Mapped[int]
    sas: Mapped[int]

    samples: Mapped[list["NodeSample"]] = relationship(back_populates="snapshot")


class Node(Base):
    """One overlay address that was ever seen in a pool."""

    __tablename__ = "nodes"
    __table_args__ = (UniqueConstraint("pool_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(44))
    first_seen_at: Mapped[datetime]


class NodeSample(Base):
    """What one crawl learnt of one node; counts are None where the node did not tell."""

    __tablename__ = "node_samples"
    # Half the size on SQLite, and a snapshot's rows lie together.
    __table_args__ = (Index(None, "node_id", "snapshot_id"), {"sqlite_with_rowid": False})

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("nodes.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    left: Mapped[str | None] = mapped_column(String(44))
    right: Mapped[str | None] = mapped_column(String(44))
    left2: Mapped[str | None] = mapped_column(String(44))
    right2: Mapped[str | None] = mapped_column(String(44))
    shortcuts: Mapped[str] = mapped_column(default="")  # addresses, one space between
    bits: Mapped[str] = mapped_column(
        String(4), default=""
    )  # left, left2, right, right2: 1 agrees, 0 not, - not counted
    consistency: Mapped[float | None]
    type: Mapped[str | None] = mapped_column(String(64))
    ip: Mapped[str | None] = mapped_column(String(45))
    virtual_ip: Mapped[str | None] = mapped_column(String(45))
    ip_namespace: Mapped[str | None] = mapped_column(String(64))
    geo_loc: Mapped[str | None] = mapped_column(String(64))
    tcp: Mapped[int | None]
    udp: Mapped[int | None]
    tunnel: Mapped[int | None]
    cons: Mapped[int | None]
    sas: Mapped[int | None]
    wedges: Mapped[int | None]
    subring: Mapped[int | None]
    retries: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float | None]  # round trip of the call
    error: Mapped[str] = mapped_column(default="")

    snapshot: Mapped[Snapshot] = relationship(back_populates="samples")
    node: Mapped[Node] = relationship()
