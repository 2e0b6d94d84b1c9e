"""Crawls and their findings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from p2ppool.store.models.base import Base


class Snapshot(Base):
    """One crawl: the totals over its nodes."""

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
    others: Mapped[int] = mapped_column(default=0)  # of those that answered: not the pool's own
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
    downsampled: Mapped[bool] = mapped_column(
        "thinned", default=False
    )  # the samples of its nodes were taken away

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
    """One crawl's findings about one node; counts are None if the node did not report them."""

    __tablename__ = "node_samples"
    # Half the size on SQLite, and a snapshot's rows are stored together.
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
