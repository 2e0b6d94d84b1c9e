"""Views of tables: those set by a pool's managers for all, and those of each user."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.types import now


class PoolView(Base):
    """The pool's default view of its table of nodes."""

    __tablename__ = "pool_views"

    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[list[str]]  # those that show, in their order
    sorting: Mapped[dict[str, Any]]  # "asc" or "desc" by column, the most important first
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class UserView(Base):
    """One user's own view of the same table."""

    __tablename__ = "user_views"

    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[list[str]]
    sorting: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
