"""Pools and their hosts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from p2ppool.store.models.base import Base
from p2ppool.store.models.software import Package, Runtime, SshKey
from p2ppool.store.states import HostState, PoolState
from p2ppool.store.types import now


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
    is_default: Mapped[bool] = mapped_column(default=False)  # the one that pages and groups start with
    is_test: Mapped[bool] = mapped_column(default=False)  # left out of scheduled checks
    failure_limit: Mapped[int] = mapped_column(default=50)  # percent of hosts that an upgrade may fail on
    runtime_id: Mapped[int | None] = mapped_column(
        ForeignKey("runtimes.id")
    )  # sent along; None: the hosts' own
    adapt_package: Mapped[bool] = mapped_column(default=True)  # to the Linux of today, in bundles
    paused_schedules: Mapped[list[str]] = mapped_column(default=list)  # ids of those that suspend paused
    created_at: Mapped[datetime] = mapped_column(default=now)

    hosts: Mapped[list["Host"]] = relationship(
        order_by="Host.id",
        primaryjoin=lambda: and_(Pool.id == Host.pool_id, Host.state == HostState.MEMBER),
        back_populates="pool",
    )
    hosts_here: Mapped[list["Host"]] = relationship(  # this very machine, also while it joins or leaves
        primaryjoin=lambda: and_(
            Pool.id == Host.pool_id, Host.is_manager, Host.state.not_in([HostState.GONE, HostState.JUMP])
        ),
        viewonly=True,
    )
    package: Mapped[Package] = relationship()
    runtime: Mapped[Runtime | None] = relationship()
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
    state: Mapped[HostState] = mapped_column(default=HostState.MEMBER)
    is_manager: Mapped[bool] = mapped_column(default=False)  # this very machine, without SSH
    jump: Mapped[str | None] = mapped_column(String(320))  # user@host:port that SSH goes through
    touched: Mapped[bool] = mapped_column(default=False)  # something of the pool may be there
    node_address: Mapped[str | None] = mapped_column(String(44))  # that its node has in the overlay
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what was learnt of the machine last
    facts_at: Mapped[datetime | None]
    latitude: Mapped[float | None]  # where it is, as a manager said; degrees north
    longitude: Mapped[float | None]  # degrees east
    place_label: Mapped[str | None]

    pool: Mapped[Pool] = relationship(back_populates="hosts")
    jump_host: Mapped["Host | None"] = relationship(
        primaryjoin=lambda: and_(
            foreign(Host.pool_id) == remote(Host.pool_id),
            foreign(Host.jump) == remote(Host.jump),
            remote(Host.state) == HostState.JUMP,
        ),
        lazy="selectin",
        join_depth=2,
        viewonly=True,
        uselist=False,
    )
