"""What ends with a membership: those that rest on it, and groups that would be left without an admin."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from p2ppool.errors import UserError
from p2ppool.groups.membership.page_paths import CALLED
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.store.models import Group, Membership, MemberState


class GroupsGoError(UserError):
    """Groups would be deleted by the step, and nobody has agreed to that.

    Attributes:
        names: of the groups, each with its kind; to give them as agreed lets the step go on.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """Name them."""
        self.names = list(names)
        super().__init__(f"this deletes {', '.join(self.names)}: nobody else is admin there")


def is_open(membership: Membership) -> bool:
    """Whether the user is in the group or has asked to be."""
    return membership.state in INSIDE | {MemberState.REQUESTED}


def resting_on(session: Session, membership: Membership) -> Sequence[Membership]:
    """What the same user still is to groups on top of that one, in the order of locks."""
    query = select(Membership).where(
        Membership.user_id == membership.user_id,
        Membership.group_id.in_(select(Group.id).where(Group.parent_id == membership.group_id)),
    )
    # As the rows are now: what was read before a lock may be outdated.
    found = session.scalars(
        query.order_by(Membership.group_id), execution_options={"populate_existing": True}
    )
    return [each for each in found if is_open(each)]


def is_only_admin() -> ColumnElement[bool]:
    """Whether a membership, as a query sees it, is that of an admin beside whom its group has no other."""
    other = aliased(Membership)
    others = select(other.id).where(
        other.group_id == Membership.group_id, other.state == MemberState.ADMIN, other.id != Membership.id
    )
    return and_(Membership.state == MemberState.ADMIN, ~others.exists())


def groups_that_go(session: Session, ends: Iterable[Membership]) -> list[str]:
    """The groups that are deleted when these memberships end, each with its kind, by name."""
    last = set()
    for membership in ends:
        last |= {each.id for each in (membership, *resting_on(session, membership))}
    left_alone = select(Membership.group_id).where(Membership.id.in_(last), is_only_admin())
    query = select(Group).where(Group.id.in_(left_alone) | Group.parent_id.in_(left_alone))
    return [f"{CALLED[group.kind]} {group.name}" for group in session.scalars(query.order_by(Group.name))]


def require_confirmed(session: Session, ends: Iterable[Membership], confirmed: Collection[str]) -> None:
    """See that nobody is surprised.

    Raises:
        GroupsGoError: groups go with these memberships that are not among those agreed to.
    """
    going = groups_that_go(session, ends)
    if not set(going) <= set(confirmed):
        raise GroupsGoError(going)
