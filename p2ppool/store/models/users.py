"""Users of the pages: their sign-ins, their API tokens, and one-time links.

Secrets are stored as digests only: they can't be recovered from the database.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from p2ppool.store.models.base import Base
from p2ppool.store.states import LinkKind, Role
from p2ppool.store.types import now

_DIGEST = String(64)  # SHA-256 in hexadecimal digits


class User(Base):
    """A person who signs in with name and password."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(48), unique=True)  # in small letters
    email: Mapped[str | None] = mapped_column(String(254))
    email_confirmed: Mapped[bool] = mapped_column(default=False, server_default=false())  # by its mailbox
    password: Mapped[str | None] = mapped_column(String(255))  # argon2id in PHC form; None: not chosen yet
    role: Mapped[Role]
    active: Mapped[bool] = mapped_column(default=True)  # may sign in
    created_at: Mapped[datetime] = mapped_column(default=now)
    signed_in_at: Mapped[datetime | None]  # for the last time


class SignIn(Base):
    """One browser in which a user has signed in; without this row its cookie is invalid."""

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(_DIGEST, primary_key=True)  # of the key in the cookie
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime] = mapped_column(default=now)  # by a person, within a minute
    proved_at: Mapped[datetime | None]  # when password or second factor were last given; None: at `made_at`
    way: Mapped[str] = mapped_column(String(16), default="", server_default="")  # such as "password"
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    browser: Mapped[str] = mapped_column(String(120), default="", server_default="")  # as it calls itself

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ApiToken(Base):
    """An API token, which a user's program sends instead of a password."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))  # what it is for, in the user's words
    prefix: Mapped[str] = mapped_column(String(16))  # of the token, to know it by
    digest: Mapped[str] = mapped_column(_DIGEST, unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]  # for the last time, within a minute
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class OneTimeLink(Base):
    """A one-time link; the row is deleted when it is used."""

    __tablename__ = "one_time_links"

    digest: Mapped[str] = mapped_column(_DIGEST, primary_key=True)  # of the code in the link
    kind: Mapped[LinkKind]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]

    user: Mapped[User | None] = relationship(lazy="joined")
