"""Versions of a group's terms of service: accepted versions stay readable."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.store.models import Group, GroupTerms


def keep(session: Session, group: Group) -> None:
    """Store the group's current text as that of its current version; the caller commits."""
    session.add(GroupTerms(group_id=group.id, version=group.terms_version, text=group.terms))


def of(session: Session, group: Group, version: int) -> GroupTerms | None:
    """Return that version; None if there is none, or if it predates the storing of texts."""
    # A number that is too large for the database must not get there.
    return session.get(GroupTerms, (group.id, version)) if 0 < version <= group.terms_version else None


def versions(session: Session, group: Group) -> Sequence[int]:
    """List the versions whose texts are stored, in ascending order."""
    query = select(GroupTerms.version).where(GroupTerms.group_id == group.id)
    return session.scalars(query.order_by(GroupTerms.version)).all()
