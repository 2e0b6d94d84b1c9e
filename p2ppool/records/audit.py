"""The audit log: who changed what, and when. Entries outlive their subjects and never contain a secret."""

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
    """The subject of an entry; the ids refer to it while it exists."""

    kind: SubjectKind
    name: str
    pool_id: int | None = None
    group_id: int | None = None

    @classmethod
    def of(cls, what: Pool | Group) -> "Subject":
        """Return the subject of a pool or a group."""
        if isinstance(what, Pool):
            return cls(SubjectKind.POOL, what.name, pool_id=what.id)
        return cls(kind_of_group(what.kind), what.name, group_id=what.id)

    @classmethod
    def user(cls, name: str) -> "Subject":
        """Return the subject of a user."""
        return cls(SubjectKind.USER, name)


def kind_of_group(kind: GroupKind) -> SubjectKind:
    """Return the subject kind of groups of this kind."""
    return _OF_GROUPS[kind]


def note(
    session: Session, subject: Subject, who: str, what: str, details: Mapping[str, Any] | None = None
) -> None:
    """Add an entry; the caller commits. The details never contain a secret."""
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
    """Return the changed fields of `after`, each as [before, after]."""
    return {field: [before.get(field), value] for field, value in after.items() if before.get(field) != value}


def lines_about(session: Session, what: Pool | Group, limit: int) -> Sequence[AuditLine]:
    """Return the entries about the pool or group, the latest first.

    Earlier pools or groups of the same name are not included.
    """
    column = AuditLine.pool_id if isinstance(what, Pool) else AuditLine.group_id
    query = select(AuditLine).where(column == what.id).order_by(AuditLine.id.desc()).limit(limit)
    return session.scalars(query).all()


def lines_of_kind(
    session: Session, kind: SubjectKind, limit: int, without: Sequence[str] = ()
) -> Sequence[AuditLine]:
    """Return the entries about all subjects of a kind, the latest first; none of the events in `without`."""
    query = select(AuditLine).where(AuditLine.subject_kind == kind, AuditLine.what.not_in(without))
    query = query.order_by(AuditLine.id.desc())
    return session.scalars(query.limit(limit)).all()
