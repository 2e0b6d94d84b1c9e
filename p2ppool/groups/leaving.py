"""When a user goes for good: they leave their groups first."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.groups import memberships
from p2ppool.store.models import Group, Membership, MemberState, User


def remove_user(session: Session, user: User, who: str) -> None:
    """Take the user away with their tokens and memberships; groups whose last admin they were go, too.

    Raises:
        UserError: nobody would be left who can act.
    """
    memberships.leave_all(session, user)
    session.flush()
    users.remove(session, user, who)


def groups_that_go_with(session: Session, user: User) -> Sequence[str]:
    """Names of the groups that are deleted when the user goes, as nobody else is their admin."""
    query = select(Group).join(Membership, Membership.group_id == Group.id)
    query = query.where(Membership.user_id == user.id, Membership.state == MemberState.ADMIN)
    mine = session.scalars(query.order_by(Group.name)).all()
    return [group.name for group in mine if memberships.admins(session, group) == 1]
