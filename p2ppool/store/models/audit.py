"""The audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from p2ppool.store.models.base import Base
from p2ppool.store.states import SubjectKind
from p2ppool.store.types import now


class AuditLine(Base):
    """One change made by somebody; it outlives its subject."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index(None, "pool_id", "id"),
        Index(None, "group_id", "id"),
        Index(None, "subject_kind", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    who: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(64))  # such as "edit" or "accept key"
    # Releases before this column write lines without it.
    subject_kind: Mapped[SubjectKind] = mapped_column(server_default=SubjectKind.POOL)
    subject: Mapped[str]  # its name
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("pools.id", ondelete="SET NULL"))
    # Later groups may have the name of a deleted one, and on SQLite its number, too: its lines point to none.
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # old and new values, never a secret
    # Its place in the chain (p2ppool/records/audit_chain.py); releases before these columns give none.
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    digest: Mapped[str | None] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the audit's chain: one row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
