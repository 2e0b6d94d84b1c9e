"""The log of a group, as lines of the audit: it covers the group's
deletion and remains readable afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from p2ppool.records.audit import Subject, kind_of_group, lines_about
from p2ppool.records.audit import note as note_about
from p2ppool.store.models import AuditLine, Group, GroupKind

_POOL: Final = "pool"  # among the changes


def note(
    session: Session, group: Group, who: str, what: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write a line about the group; the caller commits. The details never hold a secret."""
    note_about(session, Subject.of(group), who, what, details)


def note_edit(session: Session, group: Group, who: str, what: str, changes: Mapping[str, Any]) -> None:
    """Write the changes of an edit; nothing if there are none."""
    if changes:
        note(session, group, who, what, {"changes": dict(changes)})


def note_end(session: Session, group: Group, who: str, why: str = "") -> None:
    """Log the deletion of the group and of each group on top of it; the caller then deletes the group."""
    note(session, group, who, "delete", {"why": why} if why else None)
    for above in session.scalars(select(Group).where(Group.parent_id == group.id).order_by(Group.name)):
        note(session, above, who, "delete", {"why": f"with {group.name}, which it was on top of"})
    session.flush()  # while the groups of the lines still exist


def lines_of(session: Session, group: Group, limit: int) -> Sequence[AuditLine]:
    """Return what was done in the group, the latest first;
    nothing about an earlier group of the same name.
    """
    return lines_about(session, group, limit)


def lines_of_deleted(session: Session, kind: GroupKind, name: str, limit: int) -> Sequence[AuditLine]:
    """Return what was done in deleted groups of that name, the latest first."""
    return session.scalars(_latest(and_(_under(kind, name), AuditLine.group_id.is_(None)), limit)).all()


def lines_under(session: Session, kind: GroupKind, name: str, limit: int) -> Sequence[AuditLine]:
    """Return what was done in all groups that have or had that name, the latest first."""
    return session.scalars(_latest(_under(kind, name), limit)).all()


def deleted(session: Session, kind: GroupKind, limit: int) -> Sequence[tuple[str, datetime]]:
    """Return the names of deleted groups and the time of the last entry about each, the latest first."""
    latest = func.max(AuditLine.id)
    query = (
        select(AuditLine.subject, func.max(AuditLine.at, type_=AuditLine.at.type))
        .where(_of_kind(kind), AuditLine.group_id.is_(None))
        .group_by(AuditLine.subject)
        .order_by(latest.desc())
    )
    return [(name, at) for name, at in session.execute(query.limit(limit))]


def changes(line: AuditLine, pool_shown: Callable[[str], str] = str) -> list[str]:
    """Return the changes of an edit, one text for each field; `pool_shown` gives what stands for a pool."""
    found = dict(line.details.get("changes") or {})
    if _POOL in found:
        found[_POOL] = [pool_shown(str(name)) for name in found[_POOL]]
    return [f"{field}: {_read(before)} → {_read(after)}" for field, (before, after) in found.items()]


def is_of_deleted(line: AuditLine) -> bool:
    """Return whether the group that the line is about has been deleted."""
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
    return AuditLine.subject_kind == kind_of_group(kind)
