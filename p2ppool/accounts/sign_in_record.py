"""The record of sign-ins, in the audit: who tried, with what result, in which way and from where.

A name that no user has is not written down: people type passwords there by mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.errors import one_line
from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.store.models import AuditLine, SubjectKind, User

SUCCESS: Final = "sign-in"
FAILURE: Final = "sign-in failed"
EVENTS: Final = (SUCCESS, FAILURE)
NOBODY: Final = "(no such user)"
_BROWSER: Final = 120  # characters
_ADDRESS: Final = 45


@dataclass(frozen=True)
class Origin:
    """Where a sign-in comes from.

    Attributes:
        way: how the person signs in, such as "password" or "OpenID Connect".
        address: of the sender.
        browser: as it calls itself.
    """

    way: str
    address: str
    browser: str

    def details(self) -> dict[str, str]:
        """Return what the record keeps, at the length that it keeps."""
        return {
            "way": self.way,
            "address": one_line(self.address, _ADDRESS),
            "browser": one_line(self.browser, _BROWSER),
        }


def note_success(session: Session, user: User, origin: Origin) -> None:
    """Record that the user has signed in."""
    audit.note(session, Subject.user(user.name), f"page {user.name}", SUCCESS, origin.details())


def note_failure(session: Session, user: User | None, origin: Origin, why: str) -> None:
    """Record that somebody has tried in vain to sign in as that user; None: as one that does not exist."""
    name = NOBODY if user is None else user.name
    audit.note(session, Subject.user(name), "page", FAILURE, {**origin.details(), "why": why})


def sign_ins_of(session: Session, user: User, limit: int) -> Sequence[AuditLine]:
    """Return the latest entries about the user's sign-ins; those of an earlier user of that name are not."""
    query = select(AuditLine).where(
        AuditLine.subject_kind == SubjectKind.USER,
        AuditLine.subject == user.name,
        AuditLine.what.in_(EVENTS),
        AuditLine.at >= user.created_at,
    )
    return session.scalars(query.order_by(AuditLine.id.desc()).limit(limit)).all()
