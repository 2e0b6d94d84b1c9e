"""A group, and who looks at it or acts there: each view begins with this."""

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


class Part(IntEnum):
    """What one has to be in a group to be answered."""

    ANYBODY = 0  # who has signed in
    ASKED = 1  # to join; a member, or a manager
    MEMBER = 2
    ADMIN = 3  # or a manager, who may do in any group what its admins may


_WORDS: Final = {Part.ASKED: "a member", Part.MEMBER: "a member", Part.ADMIN: "an admin"}


@dataclass(frozen=True)
class GroupContext:
    """A group within a unit of work, and the visitor there.

    Attributes:
        session: of the unit of work.
        group: which.
        me: the visitor.
        own: what the visitor is to the group; None: they never asked.
        letters: mails that are sent once all is kept.
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
        """Whether the visitor may do what admins may."""
        return visitor().is_manager or (self.own is not None and self.own.state is MemberState.ADMIN)

    def is_a(self, part: Part) -> bool:
        """Whether the visitor is at least that."""
        has_asked = self.own is not None and ending.is_open(self.own)
        return {
            Part.ANYBODY: True,
            Part.ASKED: has_asked or self.decides,
            Part.MEMBER: self.is_inside,
            Part.ADMIN: self.decides,
        }[part]

    @property
    def groups_that_go(self) -> list[str]:
        """The groups that are deleted when the visitor leaves this one, each with its kind."""
        return ending.groups_that_go(self.session, [self.own]) if self.is_inside and self.own else []

    @property
    def actor(self) -> Actor:
        """The visitor as the rules see them."""
        return Actor(self.me, is_manager=visitor().is_manager)


@contextmanager
def looking(kind: GroupKind, name: str, part: Part = Part.ANYBODY) -> Iterator[GroupContext]:
    """The group, to read from.

    Raises:
        HTTPException: 404: there is no such group; 403: the visitor is not what `part` says.
    """
    with reading(context.engine()) as work:
        yield _here(work.session, kind, name, part)


@contextmanager
def acting(kind: GroupKind, name: str, part: Part = Part.ANYBODY) -> Iterator[GroupContext]:
    """The group, to change; what is done is kept if nothing is raised.

    Raises:
        HTTPException: as above.
    """
    with UnitOfWork(context.engine()) as work:
        here = _here(work.session, kind, name, part)
        yield here
        work.commit()
    notices.send(context.settings(), here.letters)


def get_visitor(session: Session) -> User:
    """Who asks.

    Raises:
        HTTPException: 403: they have not signed in, or their account has just been deleted.
    """
    found = session.get(User, visitor().id)
    if found is None:
        refuse("Sign in first.")
    return found


def vault() -> Vault:
    """What seals secrets and keys.

    Raises:
        VaultError: its key can't be used.
    """
    chosen = context.settings()
    return Vault.open(chosen.data_folder, chosen.vault_key)


def _here(session: Session, kind: GroupKind, name: str, part: Part) -> GroupContext:
    me, group = get_visitor(session), registry.find(session, kind, name)
    if group is None:
        abort(page("group_missing.html", status=404, called=CALLED[kind], root=ROOTS[kind]))
    here = GroupContext(session, group, me, memberships.of(session, group, me))
    if not here.is_a(part):
        words = _WORDS[part]
        abort(page("group_refused.html", status=403, group=group, path=path_of(group), words=words))
    return here
