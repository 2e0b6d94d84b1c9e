"""Permanently removes users: they leave their groups first, and their certificates become invalid."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.groups.authority import revocations
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.ending import groups_that_go, is_open
from p2ppool.groups.membership.rules import Step
from p2ppool.store.models import Certificate, CertificateState, Group, Membership, User


def remove_user(session: Session, user: User, who: str, confirmed: Collection[str] = ()) -> None:
    """Delete the user with their tokens and memberships, and groups whose last admin they were.

    If they have certificates, their name is revoked: nobody could do so later, and certificates never expire.
    A later user of the same name can't join there, since nothing would tell the two apart.

    Args:
        session: the database session; the caller commits.
        user: the user to remove.
        who: the acting user, for the record.
        confirmed: groups that may be deleted with the user, as returned by `groups_that_go_with`.

    Raises:
        GroupsGoError: groups would be deleted, and that was not confirmed.
        UserError: nobody would be left who can act.
    """
    memberships.leave_all(session, user, confirmed)
    for group in _groups_with_certificates_of(session, user):
        revocations.add(session, group, user.name)
        group_log.note(
            session, group, who, Step.REVOKE, {"user": user.name, "why": "the account was removed"}
        )
    session.flush()
    users.remove(session, user, who)


def groups_that_go_with(session: Session, user: User) -> Sequence[str]:
    """List the groups that are deleted with the user, each with its kind."""
    everything = session.scalars(select(Membership).where(Membership.user_id == user.id))
    return groups_that_go(session, filter(is_open, everything))


def _groups_with_certificates_of(session: Session, user: User) -> Sequence[Group]:
    signed = (
        select(Certificate.group_id)
        .join(Certificate.membership)
        .where(Membership.user_id == user.id, Certificate.state == CertificateState.SIGNED)
    )
    return session.scalars(select(Group).where(Group.id.in_(signed)).order_by(Group.id)).all()
