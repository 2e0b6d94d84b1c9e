"""Lists of groups and memberships: existing groups, their members, and requests that wait for a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ScalarSelect, Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from p2ppool.groups.certificates.requests import that_wait
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.store.models import (
    Certificate,
    Group,
    GroupKind,
    Membership,
    MemberState,
    User,
)

PAGE: Final = 100
"""Entries on one page of a list."""


@dataclass(frozen=True)
class Listed:
    """A group in a list, as one user sees it.

    Attributes:
        group: the group, with its network or the group below loaded.
        state: the user's membership; None if they never asked to join.
        members: the number of its members, including admins.
        waiting: the number of requests to join.
        certificates: the number of members' machines that wait for an admin's approval.
    """

    group: Group
    state: MemberState | None
    members: int
    waiting: int
    certificates: int


def listed(session: Session, kind: GroupKind, user: User, *, search: str = "", page: int = 1) -> list[Listed]:
    """List a page of the groups of a kind: first the user's own, then the others, by name.

    Args:
        session: the database session; it is only read from.
        kind: the kind of groups.
        user: the user who reads the list.
        search: text that their name or description has to contain, ignoring case.
        page: the page, from 1. Returns one entry more than `PAGE` if another page follows.
    """
    own = aliased(Membership)
    theirs = case((own.state.in_([*INSIDE, MemberState.REQUESTED]), 0), else_=1)
    query = (
        select(Group, own.state, _count(*INSIDE), _count(MemberState.REQUESTED), _certificates())
        .outerjoin(own, and_(own.group_id == Group.id, own.user_id == user.id))
        .where(Group.kind == kind)
        .options(joinedload(Group.network), joinedload(Group.parent))
        .order_by(theirs, func.lower(Group.name), Group.id)
    )
    if search:
        query = query.where(
            Group.name.icontains(search, autoescape=True)
            | Group.description.icontains(search, autoescape=True)
        )
    rows = session.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1))
    return [Listed(*row) for row in rows]


def people(session: Session, group: Group, *, page: int = 1) -> Sequence[Membership]:
    """List a page of the group's members: admins first, then by name;
    one more than `PAGE` if another page follows.
    """
    query = (
        _memberships()
        .where(Membership.group_id == group.id, Membership.state.in_(INSIDE))
        .order_by(case((Membership.state == MemberState.ADMIN, 0), else_=1), User.name)
    )
    return session.scalars(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()


def former(session: Session, group: Group) -> Sequence[Membership]:
    """List those who have left or were denied, the first `PAGE` of them by name."""
    gone = (MemberState.LEFT, MemberState.DENIED)
    query = _memberships().where(Membership.group_id == group.id, Membership.state.in_(gone))
    return session.scalars(query.order_by(User.name).limit(PAGE)).all()


def admins(session: Session, group: Group) -> Sequence[User]:
    """List the first `PAGE` admins of the group who can sign in, by name."""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.group_id == group.id, Membership.state == MemberState.ADMIN, User.active)
    )
    return session.scalars(query.order_by(User.name).limit(PAGE)).all()


def requests(session: Session, group: Group) -> Sequence[Membership]:
    """List the requests to join the group, the first `PAGE` of them, the longest waiting first."""
    return session.scalars(_waiting().where(Membership.group_id == group.id)).all()


def all_requests(session: Session, admin: User | None) -> Sequence[Membership]:
    """List the first `PAGE` requests in all groups in which `admin` decides; None for all groups."""
    query = _waiting()
    if admin is not None:
        query = query.where(Membership.group_id.in_(_decided_by(admin)))
    return session.scalars(query.options(joinedload(Membership.group))).all()


def all_certificates(session: Session, admin: User | None) -> Sequence[Certificate]:
    """List the first `PAGE` waiting certificates in all groups in which `admin` decides; None for all groups.

    The longest waiting come first.
    """
    query = that_wait().order_by(Certificate.asked_at, Certificate.id).limit(PAGE)
    if admin is not None:
        query = query.where(Certificate.group_id.in_(_decided_by(admin)))
    whole = contains_eager(Certificate.membership).joinedload(Membership.group)
    return session.scalars(query.options(whole)).all()


def vpns_of(session: Session, user: User) -> Sequence[Group]:
    """List the GroupVPNs that the user is in, by name."""
    inside = select(Membership.group_id).where(Membership.user_id == user.id, Membership.state.in_(INSIDE))
    query = select(Group).where(Group.kind == GroupKind.VPN, Group.id.in_(inside))
    return session.scalars(query.order_by(Group.name)).all()


def on_top_of(session: Session, group: Group) -> Sequence[Group]:
    """List the groups on top of this one, by name."""
    return session.scalars(select(Group).where(Group.parent_id == group.id).order_by(Group.name)).all()


def _memberships() -> Select[Membership]:
    return select(Membership).join(Membership.user).options(contains_eager(Membership.user))


def _decided_by(admin: User) -> Select[int]:
    return select(Membership.group_id).where(
        Membership.user_id == admin.id, Membership.state == MemberState.ADMIN
    )


def _waiting() -> Select[Membership]:
    query = _memberships().where(Membership.state == MemberState.REQUESTED)
    return query.order_by(Membership.asked_at, Membership.id).limit(PAGE)


def _count(*states: MemberState) -> ScalarSelect[int]:
    query = select(func.count()).where(Membership.group_id == Group.id, Membership.state.in_(states))
    return query.correlate(Group).scalar_subquery()


def _certificates() -> ScalarSelect[int]:
    query = that_wait().where(Certificate.group_id == Group.id)
    return query.with_only_columns(func.count()).correlate(Group).scalar_subquery()
