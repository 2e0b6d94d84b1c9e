"""The audit: who changed what, and when. Its lines outlive what they are about, and never hold a secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.store.models import AuditLine, Group, GroupKind, Pool, SubjectKind

_WHO: Final = 64  # characters
_OF_GROUPS: Final = {GroupKind.VPN: SubjectKind.VPN, GroupKind.APPLIANCE: SubjectKind.APPLIANCE}


@dataclass(frozen=True)
class Subject:
    """What a line is about; the ids lead to it as long as it is there."""

    kind: SubjectKind
    name: str
    pool_id: int | None = None
    group_id: int | None = None

    @classmethod
    def of(cls, what: Pool | Group) -> "Subject":
        """Make the subject of a pool or a group."""
        if isinstance(what, Pool):
            return cls(SubjectKind.POOL, what.name, pool_id=what.id)
        return cls(kind_of_group(what.kind), what.name, group_id=what.id)

    @classmethod
    def user(cls, name: str) -> "Subject":
        """Make the subject of a user."""
        return cls(SubjectKind.USER, name)


def kind_of_group(kind: GroupKind) -> SubjectKind:
    """Return the kind of subject that groups of this kind are."""
    return _OF_GROUPS[kind]


def note(
    session: Session, subject: Subject, who: str, what: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write a line; the caller commits. The details never hold a secret."""
    line = AuditLine(
        who=one_line(who, _WHO),
        what=what,
        subject_kind=subject.kind,
        subject=subject.name,
        pool_id=subject.pool_id,
        group_id=subject.group_id,
        details=dict(details or {}),
    )
    session.add(line)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `after` that are new, each as [before, after]."""
    return {field: [before.get(field), value] for field, value in after.items() if before.get(field) != value}


def lines_about(session: Session, what: Pool | Group, limit: int) -> Sequence[AuditLine]:
    """Return what was done to the pool or in the group, the latest first.

    An earlier pool or group of the same name does not count.
    """
    column = AuditLine.pool_id if isinstance(what, Pool) else AuditLine.group_id
    query = select(AuditLine).where(column == what.id).order_by(AuditLine.id.desc()).limit(limit)
    return session.scalars(query).all()


def lines_of_kind(session: Session, kind: SubjectKind, limit: int) -> Sequence[AuditLine]:
    """Return what was done to all subjects of a kind, the latest first."""
    query = select(AuditLine).where(AuditLine.subject_kind == kind).order_by(AuditLine.id.desc())
    return session.scalars(query.limit(limit)).all()
