"""The record of what was done in groups, and by whom."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.store.models import AuditLine, Group

_WHO: Final = 64  # characters


def note(
    session: Session, group: Group, who: str, what: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write a line; the caller commits. The details never hold a secret."""
    line = AuditLine(
        who=one_line(who, _WHO), what=_what(group, what), subject=group.name, details=dict(details or {})
    )
    session.add(line)


def lines_of(session: Session, group: Group, limit: int) -> Sequence[AuditLine]:
    """What was done in the group, the latest first; nothing of an earlier group of the same name."""
    query = select(AuditLine).where(
        AuditLine.subject == group.name,
        AuditLine.what.startswith(_what(group, ""), autoescape=True),
        AuditLine.at >= group.created_at,
    )
    return session.scalars(query.order_by(AuditLine.id.desc()).limit(limit)).all()


def _what(group: Group, what: str) -> str:
    return f"{group.kind} group: {what}"
