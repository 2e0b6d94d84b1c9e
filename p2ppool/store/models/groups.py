"""Groups of users: virtual networks (GroupVPN), and grids of appliances on top of them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from p2ppool.store.models.base import Base
from p2ppool.store.models.pools import Pool
from p2ppool.store.models.users import User
from p2ppool.store.states import CertificateState, GroupKind, MemberState
from p2ppool.store.types import now


class Group(Base):
    """A group, whose members decide on new ones."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[GroupKind]
    name: Mapped[str] = mapped_column(String(64))  # stands in certificates: it never changes
    description: Mapped[str] = mapped_column(default="")
    terms: Mapped[str] = mapped_column(default="")  # of service
    terms_version: Mapped[int] = mapped_column(default=1)  # rises with each change of the terms
    detailed: Mapped[bool] = mapped_column(default=False)  # asks who joins for organization and so on
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), index=True
    )  # the virtual network of a grid
    created_at: Mapped[datetime] = mapped_column(default=now)

    parent: Mapped["Group | None"] = relationship(remote_side="Group.id")
    network: Mapped["GroupNetwork | None"] = relationship(back_populates="group", passive_deletes=True)
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="group", order_by="Membership.id", passive_deletes=True
    )


class GroupTerms(Base):
    """A version of a group's terms of service, as accepted by members; the group has the latest, too."""

    __tablename__ = "group_terms"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    since: Mapped[datetime | None] = mapped_column(default=now)  # None: it is not known


class GroupNetwork(Base):
    """The virtual network of a GroupVPN, and its authority."""

    __tablename__ = "group_networks"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    pool_id: Mapped[int | None] = mapped_column(
        ForeignKey("pools.id", ondelete="SET NULL"), index=True
    )  # whose nodes carry it; None: others, as follows
    namespace: Mapped[str] = mapped_column(String(64), default="")  # of the overlay
    addresses: Mapped[list[str]] = mapped_column(default=list)  # where its nodes may be met
    ip_namespace: Mapped[str] = mapped_column(String(64))
    ip_base: Mapped[str] = mapped_column(String(15))
    netmask: Mapped[str] = mapped_column(String(15))
    secure: Mapped[bool]  # end to end, by certificates
    secure_edges: Mapped[bool] = mapped_column(default=False)  # no links to nodes without certificates
    approval: Mapped[bool] = mapped_column(default=False)  # an admin has to allow each certificate
    digest: Mapped[str] = mapped_column(String(16))  # that is signed
    authority: Mapped[bytes | None]  # private CSP blob, sealed
    certificate: Mapped[bytes | None]  # the authority's, DER
    revocations: Mapped[bytes | None]  # the signed list
    revocations_at: Mapped[datetime | None]  # when it was made

    group: Mapped[Group] = relationship(back_populates="network")
    pool: Mapped[Pool | None] = relationship()

    @property
    def purpose(self) -> str:
        """What the authority is sealed for."""
        return f"authority of group {self.group_id}"


class Membership(Base):
    """A user's relation to a group."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("group_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    state: Mapped[MemberState]
    secret: Mapped[bytes | None]  # sealed; by it the member's machines get certificates
    terms_version: Mapped[int]  # that was accepted
    details: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what a detailed group asks for
    asked_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship(back_populates="memberships")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @property
    def purpose(self) -> str:
        """What the secret is sealed for."""
        return f"secret of membership {self.id}"


class Revocation(Base):
    """A name whose certificates are invalid in a group, even after its user is deleted."""

    __tablename__ = "revocations"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


class Certificate(Base):
    """A certificate requested by a member's machine."""

    __tablename__ = "certificates"
    __table_args__ = (UniqueConstraint("group_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"), index=True)
    request_id: Mapped[str] = mapped_column(String(40))  # SHA-1 of the request
    request: Mapped[bytes]
    state: Mapped[CertificateState]
    certificate: Mapped[bytes | None]
    asked_at: Mapped[datetime] = mapped_column(default=now)

    membership: Mapped[Membership] = relationship()
