"""Creates, finds, edits and deletes groups."""

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
from p2ppool.store.locks import one_at_a_time
from p2ppool.store.models import Group, GroupKind, GroupNetwork, Membership, MemberState, Role, User
from p2ppool.store.vault import Vault

_LONGEST_TEXT: Final = 20_000  # characters of a description or of terms
_MOST_OF_ONE: Final = 100  # groups with the same only admin, unless that is a manager


@dataclass(frozen=True)
class About:
    """A group's description, and its requirements for joining."""

    description: str = ""
    terms: str = ""
    detailed: bool = False


def make_vpn(
    session: Session, vault: Vault, name: str, creator: User, *, about: About, network: NetworkSpec
) -> Group:
    """Create a GroupVPN; its creator is the first admin. The caller commits.

    Raises:
        UserError: an invalid value, the name is taken, or the creator has too many groups.
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
    """Create a GroupAppliance on top of a GroupVPN; its creator, a member there, is the first admin.

    Raises:
        UserError: an invalid value, the name is taken, the creator has too many groups, or is not a member of
            the VPN.
    """
    membership = memberships.of(session, vpn, creator)
    if membership is None or membership.state not in INSIDE:
        raise UserError(f"only members of the group {vpn.name} may create a group on top of it")
    group = _make(session, GroupKind.APPLIANCE, name, about)
    group.parent = vpn
    session.flush()
    _first_admin(session, vault, group, creator)
    return group


def edit(session: Session, group: Group, about: About, actor: Actor) -> None:
    """Change the group's texts; from now on, those who join have to accept new terms of service.

    Raises:
        UserError: the actor is not an admin, or a value is invalid.
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

    A secured group stays secured: otherwise its members would talk unencrypted without notice.

    Raises:
        UserError: the actor is not an admin, or a value is invalid.
    """
    memberships.lock(session, group)
    memberships.require_admin(session, group, actor)
    network = group.network
    if network is None:
        raise UserError(f"{group.name} has no network of its own")
    if network.secure and not spec.secure:
        raise UserError(f"{group.name} is secured: create another group for unsecured traffic")
    before = changes.network(network)
    networks.store(network, spec)
    if spec.secure and (network.authority is None or network.digest != spec.digest):
        network.secure, network.digest = True, spec.digest
        make_authority(vault, network)
        delete_certificates(session, group)
    changed = changes.between(before, changes.network(network))
    group_log.note_edit(session, group, actor.user.name, "edit network", changed)


def delete(session: Session, group: Group, actor: Actor) -> None:
    """Delete the group and all groups on top of it.

    Raises:
        UserError: the actor is not an admin.
    """
    memberships.lock(session, group)
    memberships.require_admin(session, group, actor)
    group_log.note_end(session, group, actor.user.name)
    session.delete(group)
    session.flush()


def find(session: Session, kind: GroupKind, name: str) -> Group | None:
    """Return the group of that kind and name, or None."""
    return session.scalar(select(Group).where(Group.kind == kind, Group.name == name))


def get(session: Session, kind: GroupKind, name: str) -> Group:
    """Return the group of that kind and name.

    Raises:
        UserError: there is none.
    """
    found = find(session, kind, name)
    if found is None:
        raise UserError(f"no group is named '{one_line(name, 80)}'")
    return found


def all_groups(session: Session, kind: GroupKind) -> Sequence[Group]:
    """List all groups of a kind by name."""
    return session.scalars(select(Group).where(Group.kind == kind).order_by(Group.name)).all()


def _make(session: Session, kind: GroupKind, name: str, about: About) -> Group:
    checked_name(name, "group")
    _require_usable_in_paths(name)
    _check_texts(about)
    one_at_a_time(session, "names of groups")
    if (alike := _alike(session, kind, name)) is not None:
        raise UserError(f"a group named '{alike}' exists already")
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
        raise UserError(f"a group named '{name}' exists already") from None
    terms.keep(session, group)
    return group


def _alike(session: Session, kind: GroupKind, name: str) -> str | None:
    """Return a name that differs only in case, which people would take for the same."""
    query = select(Group.name).where(Group.kind == kind, func.lower(Group.name) == name.lower())
    return session.scalar(query)


def _require_usable_in_paths(name: str) -> None:
    if name == "new" or not name.strip("."):
        raise UserError(f"group: the name '{name}' would lead to another page")


def _first_admin(session: Session, vault: Vault, group: Group, creator: User) -> None:
    checked_name(creator.name, "user")
    _require_room_for_more(session, creator)
    membership = Membership(
        group=group, user=creator, state=MemberState.ADMIN, terms_version=group.terms_version
    )
    session.add(membership)
    session.flush()
    memberships.renew_secret(vault, membership)
    group_log.note(session, group, creator.name, "create")


def _require_room_for_more(session: Session, creator: User) -> None:
    if creator.role is not Role.MANAGER and _alone_in(session, creator) >= _MOST_OF_ONE:
        raise UserError(
            f"{creator.name} is the only admin of {_MOST_OF_ONE} groups already: "
            "delete one, make somebody else an admin there, or ask a manager"
        )


def _alone_in(session: Session, user: User) -> int:
    """Count the groups that have this admin and no other."""
    query = select(func.count()).where(Membership.user_id == user.id, is_only_admin())
    return session.scalar(query) or 0


def _check_texts(about: About) -> None:
    for what, text in (("description", about.description), ("terms of service", about.terms)):
        if len(text) > _LONGEST_TEXT or "\0" in text:
            raise UserError(f"{what}: up to {_LONGEST_TEXT} characters")
