"""The audit log: who changed what, and when. Entries outlive their subjects and never contain a secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.records import audit_chain, audit_sink
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
    def package(cls, name: str, version: str) -> "Subject":
        """Return the subject of a package."""
        return cls(SubjectKind.PACKAGE, f"{name}@{version}")

    @classmethod
    def key(cls, name: str) -> "Subject":
        """Return the subject of an SSH key."""
        return cls(SubjectKind.KEY, name)

    @classmethod
    def user(cls, name: str) -> "Subject":
        """Return the subject of a user."""
        return cls(SubjectKind.USER, name)


SINK: Final = audit_sink.SYSLOG
"""The sink that is no file; with its module, entries get to the sink once they are committed."""


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
    audit_chain.append(session, line)


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


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; an empty field matches all.

    Attributes:
        kind: of the subject.
        subject: its name.
        who: part of the name of who did it.
        what: part of the event.
        since: the earliest time.
        before: only entries with a lower id, to go on from a page.
    """

    kind: str = ""
    subject: str = ""
    who: str = ""
    what: str = ""
    since: datetime | None = None
    before: int | None = None


def lines_of(session: Session, wanted: Filter, limit: int) -> Sequence[AuditLine]:
    """Return the entries that fit, the latest first."""
    query = select(AuditLine).order_by(AuditLine.id.desc()).limit(limit)
    if wanted.kind:
        query = query.where(AuditLine.subject_kind == SubjectKind(wanted.kind))
    if wanted.subject:
        query = query.where(AuditLine.subject == wanted.subject)
    for column, part in ((AuditLine.who, wanted.who), (AuditLine.what, wanted.what)):
        if part:
            query = query.where(column.contains(part, autoescape=True))
    if wanted.since is not None:
        query = query.where(AuditLine.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(AuditLine.id < wanted.before)
    return session.scalars(query).all()


def lines_of_kind(
    session: Session, kind: SubjectKind, limit: int, without: Sequence[str] = ()
) -> Sequence[AuditLine]:
    """Return the entries about all subjects of a kind, the latest first; none of the events in `without`."""
    query = select(AuditLine).where(AuditLine.subject_kind == kind, AuditLine.what.not_in(without))
    query = query.order_by(AuditLine.id.desc())
    return session.scalars(query.limit(limit)).all()
