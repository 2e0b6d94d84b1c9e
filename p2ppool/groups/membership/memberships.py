"""Memberships: each step runs in one transaction of the caller and follows the rules."""

import secrets
import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from p2ppool.errors import UserError, one_line
from p2ppool.groups.authority import revocations
from p2ppool.groups.membership import ending, group_log, rules
from p2ppool.groups.membership.details import checked_details
from p2ppool.groups.membership.rules import INSIDE, Step
from p2ppool.groupvpn.names import checked_name
from p2ppool.store.models import Group, Membership, MemberState, User
from p2ppool.store.types import now
from p2ppool.store.vault import Vault
from p2ppool.store.vault_key import require_current_for

_ALPHABET: Final = string.ascii_letters + string.digits
_SECRET: Final = 20  # characters, about 119 bits


@dataclass(frozen=True)
class Actor:
    """The user who takes a step; a manager may do in any group what its admins may."""

    user: User
    is_manager: bool = False


@dataclass(frozen=True)
class Joining:
    """The input of a user who asks to join.

    Attributes:
        terms: accepted version of the terms of service.
        details: the details that a detailed group requires.
    """

    terms: int
    details: Mapping[str, str] = field(default_factory=dict)


def request(session: Session, vault: Vault, group: Group, user: User, joining: Joining) -> Membership:
    """Ask to join.

    Args:
        session: the database session; the caller commits.
        vault: seals the secret.
        group: the group to join.
        user: the user who asks.
        joining: the accepted terms and the details.

    Raises:
        UserError: the rules, the terms or the details forbid it.
    """
    lock(session, group)
    checked_name(user.name, "user")
    _require_may_ask(session, group, user)
    if joining.terms != group.terms_version:
        raise UserError(f"the terms of service of {group.name} have changed: read and accept them again")
    details = checked_details(group, joining.details)
    membership = of(session, group, user)
    state = rules.after(Step.REQUEST, user.name, membership.state if membership else None, 0)
    if membership is None:
        membership = Membership(group=group, user=user, terms_version=joining.terms, state=state)
        session.add(membership)
    membership.state, membership.terms_version = state, joining.terms
    membership.details = details
    membership.asked_at, membership.decided_at = now(), None
    session.flush()
    renew_secret(vault, membership)
    group_log.note(session, group, user.name, Step.REQUEST)
    return membership


def decide(
    session: Session, step: Step, membership: Membership, actor: Actor, confirmed: Collection[str] = ()
) -> None:
    """Take an admin's step.

    Args:
        session: the database session; the caller commits.
        step: the step.
        membership: the membership that changes.
        actor: the user who decides.
        confirmed: groups that may be deleted, as returned by `ending.groups_that_go`.

    Raises:
        GroupsGoError: groups on top would be deleted, and that was not confirmed.
        UserError: the actor is not an admin, or the rules forbid it.
    """
    group = membership.group
    _lock_with(session, membership)
    require_admin(session, group, actor)
    if step in {Step.ACCEPT, Step.PROMOTE}:
        _require_member_below(session, group, membership.user)
    if step is Step.REVOKE:
        ending.require_confirmed(session, ending.resting_on(session, membership), confirmed)
    membership.state = rules.after(step, membership.user.name, membership.state, admins(session, group))
    membership.decided_at = now()
    group_log.note(session, group, actor.user.name, step, {"user": membership.user.name})
    if step is Step.REVOKE:
        revocations.add(session, group, membership.user.name)
    if membership.state not in INSIDE:
        _close(session, membership)
    session.flush()


def leave(session: Session, membership: Membership, confirmed: Collection[str] = ()) -> None:
    """Leave the group, or withdraw the request to join. If the last admin leaves, the group is deleted.

    Args:
        session: the database session; the caller commits.
        membership: the membership that ends.
        confirmed: groups that may be deleted, as returned by `ending.groups_that_go`.

    Raises:
        GroupsGoError: groups would be deleted, and that was not confirmed.
        UserError: the user is not in the group.
    """
    _lock_with(session, membership)
    ending.require_confirmed(session, [membership], confirmed)
    _leave(session, membership)


def _leave(session: Session, membership: Membership) -> None:
    group, name = membership.group, membership.user.name
    if membership.state is MemberState.ADMIN and admins(session, group) == 1:
        group_log.note_end(session, group, name, "the last admin left")
        session.delete(group)
        session.flush()
        return
    membership.state = rules.after(Step.LEAVE, name, membership.state, admins(session, group))
    group_log.note(session, group, name, Step.LEAVE)
    _close(session, membership)
    session.flush()


def leave_all(session: Session, user: User, confirmed: Collection[str] = ()) -> None:
    """Leave every group, because the account is about to be deleted.

    Raises:
        GroupsGoError: groups would be deleted, and that was not confirmed.
    """
    everything = select(Membership).where(Membership.user_id == user.id).order_by(Membership.group_id)
    lock_all(session, [each.group for each in session.scalars(everything)])
    now_open = [each for each in _afresh(session, everything) if ending.is_open(each)]
    ending.require_confirmed(session, now_open, confirmed)
    for membership in now_open:
        # A group may have been deleted with one before it, or left with the one below.
        if session.get(Membership, membership.id, populate_existing=True) and ending.is_open(membership):
            _leave(session, membership)


def renew_secret(vault: Vault, membership: Membership) -> str:
    """Give the member's machines a fresh secret; with the old one they get no certificates any more."""
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET))
    require_current_for(membership, vault)
    membership.secret = vault.seal(secret.encode(), membership.purpose)
    return secret


def secret_of(vault: Vault, membership: Membership) -> str | None:
    """Return the secret; None if the membership has ended.

    Raises:
        VaultError: it was sealed with another key.
    """
    sealed = membership.secret
    return vault.unseal(sealed, membership.purpose).decode() if sealed else None


def of(session: Session, group: Group, user: User) -> Membership | None:
    """Return the user's membership of the group; None if they never asked to join."""
    query = select(Membership).where(Membership.group_id == group.id, Membership.user_id == user.id)
    return next(iter(_afresh(session, query)), None)


def of_name(session: Session, group: Group, name: str) -> Membership:
    """Return the membership of the user with that name.

    Raises:
        UserError: no user of that name ever asked to join; it does not reveal whether such a user exists.
    """
    query = select(Membership).join(Membership.user).where(Membership.group_id == group.id)
    found = next(iter(_afresh(session, query.where(User.name == name.strip().lower()))), None)
    if found is None:
        raise UserError(f"nobody named '{one_line(name, 50)}' ever asked to join {group.name}")
    return found


def is_admin(session: Session, group: Group, user: User) -> bool:
    """Return whether the user is an admin of the group."""
    found = of(session, group, user)
    return found is not None and found.state is MemberState.ADMIN


def require_admin(session: Session, group: Group, actor: Actor) -> None:
    """Check that the actor may decide in the group.

    Raises:
        UserError: they may not.
    """
    if not actor.is_manager and not is_admin(session, group, actor.user):
        raise UserError(f"only admins of {group.name} may do that")


def admins(session: Session, group: Group) -> int:
    """Count the admins of the group."""
    query = select(func.count()).where(Membership.group_id == group.id, Membership.state == MemberState.ADMIN)
    return session.scalar(query) or 0


def insiders(session: Session, group: Group) -> int:
    """Count the members of the group, including admins."""
    query = select(func.count()).where(Membership.group_id == group.id, Membership.state.in_(INSIDE))
    return session.scalar(query) or 0


def lock(session: Session, group: Group) -> None:
    """Keep others from deciding in the group until the transaction ends;
    otherwise two could be its last admin.

    Raises:
        UserError: the group is gone, because somebody else has deleted it meanwhile.
    """
    if group not in lock_all(session, [group]):
        raise UserError("the group was deleted meanwhile")


def lock_all(session: Session, groups: Iterable[Group]) -> set[Group]:
    """Lock several groups and those below them; return those that still exist.

    Always in the order of their creation, where a group below comes before those on top of it: so no two
    transactions wait for each other.
    """
    wanted = {number for group in groups for number in (group.id, group.parent_id) if number is not None}
    query = select(Group).where(Group.id.in_(wanted)).order_by(Group.id).with_for_update()
    return set(session.scalars(query, execution_options={"populate_existing": True}))


def _lock_with(session: Session, membership: Membership) -> None:
    """Lock its group, and refresh the membership."""
    lock(session, membership.group)
    if session.get(Membership, membership.id, populate_existing=True) is None:
        raise UserError("the account was deleted meanwhile")


def _require_may_ask(session: Session, group: Group, user: User) -> None:
    if revocations.is_revoked(session, group, user.name):
        raise UserError(f"{user.name} was revoked in {group.name}, which is final")
    _require_member_below(session, group, user)


def _require_member_below(session: Session, group: Group, user: User) -> None:
    below = of(session, group.parent, user) if group.parent else None
    if group.parent and (below is None or below.state not in INSIDE):
        raise UserError(f"only members of the group {group.parent.name} may be in {group.name}")


def _close(session: Session, membership: Membership) -> None:
    """Delete the secret of an ended membership, and end the memberships that depend on it."""
    membership.secret = None
    for on_top in ending.resting_on(session, membership):
        lock(session, on_top.group)
        _leave(session, on_top)


def _afresh(session: Session, query: Select[Membership]) -> Sequence[Membership]:
    """Read the current rows: what was read before a lock may be outdated."""
    return session.scalars(query, execution_options={"populate_existing": True}).all()
