"""Host keys that are known in advance, or from pools that are gone."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.types import now


class KnownHost(Base):
    """The key that hosts of a pattern must show at first contact, whichever pool they join."""

    __tablename__ = "known_hosts"

    id: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str]  # as in known_hosts (sshd(8)): names, addresses, [address]:port, or a hash
    host_key: Mapped[str]
    source: Mapped[str]  # the file that it came from, or the pool that was deleted
    added_at: Mapped[datetime] = mapped_column(default=now)
