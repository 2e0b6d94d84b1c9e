"""The record of what was changed, and by whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.store.models import AuditLine, Pool

_WHO = 64  # characters


def note(session: Session, pool: Pool, who: str, what: str, details: Mapping[str, Any]) -> None:
    """Write a line; the caller commits. `details` never hold a secret."""
    session.add(
        AuditLine(
            who=one_line(who, _WHO), what=what, subject=pool.name, pool_id=pool.id, details=dict(details)
        )
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `after` that are new, each as [before, after]."""
    return {field: [before.get(field), value] for field, value in after.items() if before.get(field) != value}


def lines_of(session: Session, pool: Pool, limit: int) -> Sequence[AuditLine]:
    """What was changed of the pool, the latest first."""
    query = select(AuditLine).where(AuditLine.pool_id == pool.id).order_by(AuditLine.id.desc()).limit(limit)
    return session.scalars(query).all()
