"""What Prefect keeps for us and must not lose: schedules of pools, and runs that were accepted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.types import now


class PoolSchedule(Base):
    """A schedule of a pool, as Prefect last had it: with this it comes back if its deployment was deleted."""

    __tablename__ = "pool_schedules"

    slug: Mapped[str] = mapped_column(String(160), primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(32))
    prefect_id: Mapped[str] = mapped_column(String(36))
    deployment: Mapped[str] = mapped_column(String(36))  # Prefect's id of the one that it was on
    how: Mapped[dict[str, Any]]  # its times, as in Prefect's API
    parameters: Mapped[dict[str, Any]]
    active: Mapped[bool]


class AcceptedRun(Base):
    """A Prefect run that the dispatcher has accepted and that has not ended: nothing of it is lost.

    One whose process ended before it had a ticket, or with Prefect away, is started again from this row.
    """

    __tablename__ = "accepted_runs"

    flow_run: Mapped[str] = mapped_column(String(36), primary_key=True)
    action: Mapped[str] = mapped_column(String(32))  # the name of its deployment
    parameters: Mapped[str]  # JSON as Prefect has it, escaped to ASCII: a database may not take every text
    requester: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    process: Mapped[str | None] = mapped_column(String(128))  # that acts for it
    accepted_at: Mapped[datetime] = mapped_column(default=now)
    ending: Mapped[str | None]  # how it ended without a ticket, until Prefect knows
    ended_as: Mapped[str | None] = mapped_column(String(16))  # the state of a ticket
