"""Groups: made, found, edited, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from p2ppool.errors import UserError, one_line
from p2ppool.groups.authority.authority import delete_certificates, make_authority
from p2ppool.groups.definition import changes, networks, terms
from p2ppool.groups.definition.networks import NetworkSpec
from p2ppool.groups.membership import group_log, memberships
from p2ppool.groups.membership.ending import is_only_admin
from p2ppool.groups.membership.memberships import Actor
from p2ppool.groups.membership.rules import INSIDE
from p2ppool.groupvpn.names import checked_name
from p2ppool.store.models import Group, GroupKind, GroupNetwork, Membership, MemberState, Role, User
from p2ppool.store.vault import Vault

_LONGEST_TEXT: Final = 20_000  # characters of a description or of terms
_MOST_OF_ONE: Final = 100  # groups with the same only admin, if that is no manager


@dataclass(frozen=True)
class About:
    """What a group says of itself, and what it asks of those who join."""

    description: str = ""
    terms: str = ""
    detailed: bool = False


def make_vpn(
    session: Session, vault: Vault, name: str, creator: User, *, about: About, network: NetworkSpec
) -> Group:
    """A new GroupVPN; its creator is the first admin. The caller commits.

    Raises:
        UserError: something can't be used, there is one of that name, or the creator has too many.
    """
    group = _make(session, GroupKind.VPN, name, about)
    group.network = GroupNetwork(secure=network.secure, digest=network.digest)
    networks.store(group.network, network)
    session.flush()
    if network.secure:
        make_authority(vault, group.network)
    _first_admin(session, vault, group, creator)
    return group


def make_appliance(
    session: Session, vault: Vault, name: str, creator: User, *, about: About, vpn: Group
) -> Group:
    """A new GroupAppliance on top of a GroupVPN; its creator, a member there, is the first admin.

    Raises:
        UserError: something can't be used, there is one of that name, the creator has too many, or is no
            member of the VPN.
    """
    membership = memberships.of(session, vpn, creator)
    if membership is None or membership.state not in INSIDE:
        raise UserError(f"only members of the group {vpn.name} may make a group on top of it")
    group = _make(session, GroupKind.APPLIANCE, name, about)
    group.parent = vpn
    session.flush()
    _first_admin(session, vault, group, creator)
    return group


def edit(session: Session, group: Group, about: About, actor: Actor) -> None:
    """Change what the group says; new terms of service have to be accepted by those who join from now on.

    Raises:
        UserError: the actor is no admin, or something can't be used.
    """
    memberships.lock(session, group)
    memberships.require_admin(session, group, actor)
    _check_texts(about)
    before, has_new_terms = changes.about(group), about.terms != group.terms
    group.description, group.terms, group.detailed = about.description, about.terms, about.detailed
    if has_new_terms:
        group.terms_version += 1
        terms.keep(session, group)
    changed = changes.between(before, changes.about(group))
    group_log.note_edit(session, group, actor.user.name, "edit", changed)


def edit_network(session: Session, vault: Vault, group: Group, spec: NetworkSpec, actor: Actor) -> None:
    """Change the virtual network. Members have to fetch their configs anew.

    A group that was secured stays so: its members would otherwise talk openly without a word.

    Raises:
        UserError: the actor is no admin, or something can't be used.
    """
    memberships.lock(session, group)
    memberships.require_admin(session, group, actor)
    network = group.network
    if network is None:
        raise UserError(f"{group.name} has no network of its own")
    if network.secure and not spec.secure:
        raise UserError(f"{group.name} is secured: make another group for open traffic")
    before = changes.network(network)
    networks.store(network, spec)
    if spec.secure and (network.authority is None or network.digest != spec.digest):
        network.secure, network.digest = True, spec.digest
        make_authority(vault, network)
        delete_certificates(session, group)
    changed = changes.between(before, changes.network(network))
    group_log.note_edit(session, group, actor.user.name, "edit network", changed)


def delete(session: Session, group: Group, actor: Actor) -> None:
    """Delete the group with all on top of it.

    Raises:
        UserError: the actor is no admin.
    """
    memberships.lock(session, group)
    memberships.require_admin(session, group, actor)
    group_log.note_end(session, group, actor.user.name)
    session.delete(group)
    session.flush()


def find(session: Session, kind: GroupKind, name: str) -> Group | None:
    """The group of that kind and name."""
    return session.scalar(select(Group).where(Group.kind == kind, Group.name == name))


def get(session: Session, kind: GroupKind, name: str) -> Group:
    """The group of that kind and name.

    Raises:
        UserError: there is none.
    """
    found = find(session, kind, name)
    if found is None:
        raise UserError(f"there is no group named '{one_line(name, 80)}'")
    return found


def all_groups(session: Session, kind: GroupKind) -> Sequence[Group]:
    """All of a kind by name."""
    return session.scalars(select(Group).where(Group.kind == kind).order_by(Group.name)).all()


def _make(session: Session, kind: GroupKind, name: str, about: About) -> Group:
    checked_name(name, "group")
    _see_that_pages_can_have_it(name)
    _check_texts(about)
    if (alike := _alike(session, kind, name)) is not None:
        raise UserError(f"there is a group named '{alike}' already")
    group = Group(
        kind=kind,
        name=name,
        description=about.description,
        terms=about.terms,
        detailed=about.detailed,
        terms_version=1,
    )
    session.add(group)
    try:
        session.flush()
    except IntegrityError:  # somebody else was faster
        raise UserError(f"there is a group named '{name}' already") from None
    terms.keep(session, group)
    return group


def _alike(session: Session, kind: GroupKind, name: str) -> str | None:
    """A name that people would take for the same, though programs don't."""
    query = select(Group.name).where(Group.kind == kind, func.lower(Group.name) == name.lower())
    return session.scalar(query)


def _see_that_pages_can_have_it(name: str) -> None:
    if name == "new" or not name.strip("."):
        raise UserError(f"group: the name '{name}' would lead to another page")


def _first_admin(session: Session, vault: Vault, group: Group, creator: User) -> None:
    checked_name(creator.name, "user")
    _see_that_they_may_have_more(session, creator)
    membership = Membership(
        group=group, user=creator, state=MemberState.ADMIN, terms_version=group.terms_version
    )
    session.add(membership)
    session.flush()
    memberships.renew_secret(vault, membership)
    group_log.note(session, group, creator.name, "create")


def _see_that_they_may_have_more(session: Session, creator: User) -> None:
    if creator.role is not Role.MANAGER and _alone_in(session, creator) >= _MOST_OF_ONE:
        raise UserError(
            f"{creator.name} is the only admin of {_MOST_OF_ONE} groups already: "
            "delete one, make somebody else an admin there, or ask a manager"
        )


def _alone_in(session: Session, user: User) -> int:
    """How many groups have this admin and no other."""
    query = select(func.count()).where(Membership.user_id == user.id, is_only_admin())
    return session.scalar(query) or 0


def _check_texts(about: About) -> None:
    for what, text in (("description", about.description), ("terms of service", about.terms)):
        if len(text) > _LONGEST_TEXT or "\0" in text:
            raise UserError(f"{what}: up to {_LONGEST_TEXT} characters")
