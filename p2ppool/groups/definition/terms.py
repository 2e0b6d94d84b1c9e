"""Versions of a group's terms of service: what somebody has accepted stays readable."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.store.models import Group, GroupTerms


def keep(session: Session, group: Group) -> None:
    """Keep the text that the group has now as that of its version, which begins; the caller commits."""
    session.add(GroupTerms(group_id=group.id, version=group.terms_version, text=group.terms))


def of(session: Session, group: Group, version: int) -> GroupTerms | None:
    """That version; None: there is none, or it is from before texts were kept."""
    # A number that is too great for the database must not get there.
    return session.get(GroupTerms, (group.id, version)) if 0 < version <= group.terms_version else None


def versions(session: Session, group: Group) -> Sequence[int]:
    """Numbers of the versions whose texts are kept, the first one first."""
    query = select(GroupTerms.version).where(GroupTerms.group_id == group.id)
    return session.scalars(query.order_by(GroupTerms.version)).all()
