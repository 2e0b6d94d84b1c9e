"""The consequences of a membership's end: memberships that depend on it, and groups left without an admin."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from p2ppool.errors import UserError
from p2ppool.groups.membership.page_paths import CALLED
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.store.models import Group, Membership, MemberState


class GroupsGoError(UserError):
    """The step would delete groups, and that was not confirmed.

    Attributes:
        names: the groups, each with its kind; passing them as confirmed lets the step proceed.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """List the groups in the message."""
        self.names = list(names)
        super().__init__(f"this deletes {', '.join(self.names)}: nobody else is admin there")


def is_open(membership: Membership) -> bool:
    """Return whether the user is in the group or has asked to join."""
    return membership.state in INSIDE | {MemberState.REQUESTED}


def resting_on(session: Session, membership: Membership) -> Sequence[Membership]:
    """List the same user's open memberships of groups on top of that one, in locking order."""
    query = select(Membership).where(
        Membership.user_id == membership.user_id,
        Membership.group_id.in_(select(Group.id).where(Group.parent_id == membership.group_id)),
    )
    # The current rows: what was read before a lock may be outdated.
    found = session.scalars(
        query.order_by(Membership.group_id), execution_options={"populate_existing": True}
    )
    return [each for each in found if is_open(each)]


def is_only_admin() -> ColumnElement[bool]:
    """Return the condition that a membership is that of its group's only admin."""
    other = aliased(Membership)
    others = select(other.id).where(
        other.group_id == Membership.group_id, other.state == MemberState.ADMIN, other.id != Membership.id
    )
    return and_(Membership.state == MemberState.ADMIN, ~others.exists())


def groups_that_go(session: Session, ends: Iterable[Membership]) -> list[str]:
    """List the groups that are deleted when these memberships end, each with its kind, by name."""
    last = set()
    for membership in ends:
        last |= {each.id for each in (membership, *resting_on(session, membership))}
    left_alone = select(Membership.group_id).where(Membership.id.in_(last), is_only_admin())
    query = select(Group).where(Group.id.in_(left_alone) | Group.parent_id.in_(left_alone))
    return [f"{CALLED[group.kind]} {group.name}" for group in session.scalars(query.order_by(Group.name))]


def require_confirmed(session: Session, ends: Iterable[Membership], confirmed: Collection[str]) -> None:
    """Check that all deletions were confirmed.

    Raises:
        GroupsGoError: groups would be deleted with these memberships that were not confirmed.
    """
    going = groups_that_go(session, ends)
    if not set(going) <= set(confirmed):
        raise GroupsGoError(going)
