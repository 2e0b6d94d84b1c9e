"""The record of what was changed of users, and by whom."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.store.models import AuditLine

_ABOUT: Final = "user"
_WHO: Final = 64  # characters


def note(session: Session, name: str, who: str, what: str, details: Mapping[str, Any] | None = None) -> None:
    """Write a line about the user `name`; the details never hold a secret."""
    session.add(
        AuditLine(
            who=one_line(who, _WHO), what=f"{_ABOUT}: {what}", subject=name, details=dict(details or {})
        )
    )


def recent(session: Session, limit: int) -> Sequence[AuditLine]:
    """What was changed of users, the latest first."""
    query = select(AuditLine).where(AuditLine.what.startswith(f"{_ABOUT}: ")).order_by(AuditLine.id.desc())
    return session.scalars(query.limit(limit)).all()
