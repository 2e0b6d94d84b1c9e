"""A group and the visitor's relation to it: every view starts here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from flask import abort
from sqlalchemy.orm import Session

from dashboards.sign_in.forms.rendering import page
from dashboards.web import context
from dashboards.web.access import refuse, visitor
from p2ppool.groups import notices
from p2ppool.groups.definition import registry
from p2ppool.groups.membership import ending, memberships
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.page_paths import CALLED, ROOTS, path_of
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.groups.notices import Letter
from p2ppool.store.models import Group, GroupKind, Membership, MemberState, User
from p2ppool.store.unit_of_work import UnitOfWork, reading
from p2ppool.store.vault import Vault
from p2ppool.store.vault_key import open_vault


class GroupRole(IntEnum):
    """The role in a group that a view requires."""

    ANYBODY = 0  # everybody who is signed in
    APPLICANT = 1  # who has asked to join; or a member, or a manager
    MEMBER = 2
    ADMIN = 3  # or a manager, who has the rights of an admin in every group


_ROLE_LABELS: Final = {
    GroupRole.APPLICANT: "a member",
    GroupRole.MEMBER: "a member",
    GroupRole.ADMIN: "an admin",
}


@dataclass(frozen=True)
class GroupContext:
    """A group within a unit of work, and the visitor's relation to it.

    Attributes:
        session: of the unit of work.
        group: the group.
        me: the visitor.
        own: the visitor's membership; None: they have never asked to join.
        letters: mails to send after the commit.
    """

    session: Session
    group: Group
    me: User
    own: Membership | None
    letters: list[Letter] = field(default_factory=list)

    @property
    def is_inside(self) -> bool:
        """Whether the visitor is in the group."""
        return self.own is not None and self.own.state in INSIDE

    @property
    def decides(self) -> bool:
        """Whether the visitor may do what the group's admins may."""
        return visitor().is_manager or (self.own is not None and self.own.state is MemberState.ADMIN)

    def has_role(self, role: GroupRole) -> bool:
        """Tell whether the visitor has at least that role."""
        has_asked = self.own is not None and ending.is_open(self.own)
        return {
            GroupRole.ANYBODY: True,
            GroupRole.APPLICANT: has_asked or self.decides,
            GroupRole.MEMBER: self.is_inside,
            GroupRole.ADMIN: self.decides,
        }[role]

    @property
    def groups_that_go(self) -> list[str]:
        """The groups that are deleted if the visitor leaves this one, each with its kind."""
        return ending.groups_that_go(self.session, [self.own]) if self.is_inside and self.own else []

    @property
    def actor(self) -> Actor:
        """The visitor, in the form that the membership rules take."""
        return Actor(self.me, is_manager=visitor().is_manager)


@contextmanager
def read_group(kind: GroupKind, name: str, role: GroupRole = GroupRole.ANYBODY) -> Iterator[GroupContext]:
    """Open the group for reading.

    Raises:
        HTTPException: 404: there is no such group; 403: the visitor does not have that role.
    """
    with reading(context.whole_engine()) as work:
        yield _find_group(work.session, kind, name, role)


@contextmanager
def change_group(kind: GroupKind, name: str, role: GroupRole = GroupRole.ANYBODY) -> Iterator[GroupContext]:
    """Open the group for changes, which are committed if nothing is raised.

    Raises:
        HTTPException: as above.
    """
    with UnitOfWork(context.whole_engine()) as work:
        group_context = _find_group(work.session, kind, name, role)
        yield group_context
        work.commit()
    notices.send(context.settings(), group_context.letters)


def get_visitor(session: Session) -> User:
    """Return the visitor's user.

    Raises:
        HTTPException: 403: they have not signed in, or their account has just been deleted.
    """
    found = session.get(User, visitor().id)
    if found is None:
        refuse("Sign in first.")
    return found


def vault(session: Session) -> Vault:
    """Open the vault, which seals secrets and keys.

    Raises:
        VaultError: its key can't be used.
    """
    return open_vault(session, context.settings())


def _find_group(session: Session, kind: GroupKind, name: str, role: GroupRole) -> GroupContext:
    me, group = get_visitor(session), registry.find(session, kind, name)
    if group is None:
        abort(page("group_missing.html", status=404, called=CALLED[kind], root=ROOTS[kind]))
    group_context = GroupContext(session, group, me, memberships.of(session, group, me))
    if not group_context.has_role(role):
        role_label = _ROLE_LABELS[role]
        abort(page("group_refused.html", status=403, group=group, path=path_of(group), role_label=role_label))
    return group_context
