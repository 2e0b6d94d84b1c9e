"""Registrations, and the external identities of users."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from p2ppool.store.models.base import Base
from p2ppool.store.models.users import User
from p2ppool.store.types import now


class Registration(Base):
    """A registration; the row is deleted once it is decided."""

    __tablename__ = "registrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(48))  # not kept free for them
    email: Mapped[str] = mapped_column(String(254))
    password: Mapped[str] = mapped_column(String(255))  # as User.password
    # SHA-256 of the code in the mail; None: a manager decides
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class Identity(Base):
    """A user's identity at an external provider or directory."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))  # address of the provider or directory
    subject: Mapped[str] = mapped_column(String(255))  # what it calls them, for ever
    made_at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
