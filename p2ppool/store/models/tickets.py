"""Requests, and their results on each host."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from p2ppool.store.models.base import Base
from p2ppool.store.models.pools import Host, Pool
from p2ppool.store.states import TicketState
from p2ppool.store.types import now


class Ticket(Base):
    """One request for one action on one pool."""

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
    owner: Mapped[str | None] = mapped_column("holder", String(128))  # the process that owns it
    heartbeat: Mapped[int] = mapped_column("beat", default=0)  # rises as long as that process lives
    cancel: Mapped[str | None]  # why it must stop
    preempted_by: Mapped[int | None]  # id of the ticket that preempted it
    merged_into: Mapped[int | None]  # id of the ticket that does what it asked for
    retry_of: Mapped[int | None]  # id of the ticket whose failed hosts it tries again
    notified: Mapped[bool] = mapped_column(
        "told", default=False, index=True
    )  # whether Prefect knows how it ended

    pool: Mapped[Pool] = relationship()


QUEUE_ORDER = (Ticket.state != TicketState.RUNNING, Ticket.due_at, Ticket.id)
"""The order of a pool's active tickets: the running one, then waiting ones in the order of their turns."""


class HostResult(Base):
    """The result of one action on one host."""

    __tablename__ = "host_results"
    __table_args__ = (Index(None, "host_id", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"), primary_key=True)
    error: Mapped[str | None] = mapped_column(String(32))  # a kind of error; none: it went well
    step: Mapped[str] = mapped_column(String(32))
    message: Mapped[str]
    seconds: Mapped[float]
    ended_at: Mapped[datetime] = mapped_column(default=now)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # reported by the host

    host: Mapped[Host] = relationship()


class HostsInProgress(Base):
    """The hosts on which an action is in progress, as last reported by its process; no row: none."""

    __tablename__ = "work_under_way"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    hosts: Mapped[dict[str, Any]]  # by the host's id: the step, and since when as ISO 8601


class HostSample(Base):
    """One action's measurements of a host; values are None if the host did not report them."""

    __tablename__ = "host_samples"
    __table_args__ = (Index(None, "host_id", "taken_at"), {"sqlite_with_rowid": False})

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"), primary_key=True)
    taken_at: Mapped[datetime]
    cores: Mapped[int | None]
    cpu: Mapped[float | None]  # 0 … 1, all cores, since the sample before; since the boot in the first one
    cpu_busy: Mapped[int | None] = mapped_column(BigInteger)  # ticks since the boot, all cores
    cpu_total: Mapped[int | None] = mapped_column(BigInteger)  # the same, with idle ones
    load: Mapped[float | None]  # mean of the last minute
    memory_total: Mapped[int | None] = mapped_column(BigInteger)  # bytes, as all below
    memory_free: Mapped[int | None] = mapped_column(BigInteger)  # available without swapping
    disk_total: Mapped[int | None] = mapped_column(BigInteger)  # where the pool is installed
    disk_free: Mapped[int | None] = mapped_column(BigInteger)
    uptime: Mapped[float | None]  # seconds
    clock_offset: Mapped[float | None]  # seconds by which its clock is ahead of the manager's
    node_rss: Mapped[int | None] = mapped_column(BigInteger)  # bytes, all processes of the node
    node_cpu: Mapped[float | None]  # cores used since the sample before; since its start in the first one
    node_ticks: Mapped[int | None] = mapped_column(BigInteger)  # since its start
    node_uptime: Mapped[float | None]  # seconds
