"""The roles of users on single pools."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from p2ppool.store.models.base import Base
from p2ppool.store.models.pools import Pool
from p2ppool.store.models.users import User
from p2ppool.store.states import PoolRole
from p2ppool.store.types import now


class UserOnPool(Base):
    """A user's role on one pool; it goes with either."""

    __tablename__ = "pool_roles"

    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[PoolRole]
    given_at: Mapped[datetime] = mapped_column(default=now)

    pool: Mapped[Pool] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True, viewonly=True)
