"""The record of what was done in groups, and by whom; it outlives them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.store.models import AuditLine, Group, GroupKind

_WHO: Final = 64  # characters


def note(
    session: Session, group: Group, who: str, what: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write a line; the caller commits. The details never hold a secret."""
    line = AuditLine(
        who=one_line(who, _WHO),
        what=_what(group.kind, what),
        subject=group.name,
        group_id=group.id,
        details=dict(details or {}),
    )
    session.add(line)


def note_edit(session: Session, group: Group, who: str, what: str, changes: Mapping[str, Any]) -> None:
    """The same with what the edit has changed; nothing if that is nothing."""
    if changes:
        note(session, group, who, what, {"changes": dict(changes)})


def note_end(session: Session, group: Group, who: str, why: str = "") -> None:
    """Write that the group goes, for each group on top of it as well; the caller then deletes it."""
    note(session, group, who, "delete", {"why": why} if why else None)
    for above in session.scalars(select(Group).where(Group.parent_id == group.id).order_by(Group.name)):
        note(session, above, who, "delete", {"why": f"with {group.name}, which it was on top of"})
    session.flush()  # while the lines have groups to point to


def lines_of(session: Session, group: Group, limit: int) -> Sequence[AuditLine]:
    """What was done in the group, the latest first; nothing of an earlier group of the same name."""
    return session.scalars(_latest(AuditLine.group_id == group.id, limit)).all()


def lines_of_gone(session: Session, kind: GroupKind, name: str, limit: int) -> Sequence[AuditLine]:
    """What was done in groups of that name that are gone, the latest first."""
    return session.scalars(_latest(and_(_under(kind, name), AuditLine.group_id.is_(None)), limit)).all()


def lines_under(session: Session, kind: GroupKind, name: str, limit: int) -> Sequence[AuditLine]:
    """What was done in all groups that have or had that name, the latest first."""
    return session.scalars(_latest(_under(kind, name), limit)).all()


def gone(session: Session, kind: GroupKind, limit: int) -> Sequence[tuple[str, datetime]]:
    """Names of groups that are gone, and when the last thing was done in them; the latest first."""
    latest = func.max(AuditLine.id)
    query = (
        select(AuditLine.subject, func.max(AuditLine.at, type_=AuditLine.at.type))
        .where(_of_kind(kind), AuditLine.group_id.is_(None))
        .group_by(AuditLine.subject)
        .order_by(latest.desc())
    )
    return [(name, at) for name, at in session.execute(query.limit(limit))]


def said(line: AuditLine) -> str:
    """What was done, in a word or two."""
    return line.what.partition(": ")[2]


def changes(line: AuditLine) -> list[str]:
    """What an edit has changed, a text for each field."""
    found = line.details.get("changes") or {}
    return [f"{field}: {_read(before)} → {_read(after)}" for field, (before, after) in found.items()]


def is_of_gone(line: AuditLine) -> bool:
    """Whether the group that it is about is gone."""
    return line.group_id is None


def _read(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "nothing"


def _latest(which: ColumnElement[bool], limit: int) -> Select[AuditLine]:
    return select(AuditLine).where(which).order_by(AuditLine.id.desc()).limit(limit)


def _under(kind: GroupKind, name: str) -> ColumnElement[bool]:
    return and_(AuditLine.subject == name, _of_kind(kind))


def _of_kind(kind: GroupKind) -> ColumnElement[bool]:
    return AuditLine.what.startswith(_what(kind, ""), autoescape=True)


def _what(kind: GroupKind, what: str) -> str:
    return f"{kind} group: {what}"
