"""Shared parts of the group commands: options, the acting user, and transactions."""

import getpass
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from p2ppool.errors import UserError

if TYPE_CHECKING:  # `--help` must not wait for SQLAlchemy
    from sqlalchemy.orm import Session

    from p2ppool.groups.membership.memberships import Actor
    from p2ppool.groups.notices import Letter
    from p2ppool.store.models import Group, Membership
    from p2ppool.store.vault import Vault

T = TypeVar("T")

Kind = Literal["vpn", "appliance"]
Name = Annotated[str, typer.Argument(metavar="GROUP", help="The group's name.")]
DeleteGroups = Annotated[
    bool, typer.Option("--delete-groups", help="Also delete groups that have no other admin.")
]
As = Annotated[str, typer.Option("--as", metavar="USER", help="The user to act for.")]


def write(change: "Callable[[Session, Vault], T]") -> T:
    """Apply the change in one transaction, and return its result."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import UnitOfWork

    engine = store()
    with UnitOfWork(engine) as work:
        done = change(work.session, vault(work.session))
        work.commit()
    return done


def record(group: "Group", what: str, user: str) -> None:
    """Record that a member's secret has left the manager."""
    from p2ppool.cli.terminal.database import store, who
    from p2ppool.records.audit import Subject, note
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        note(work.session, Subject.of(group), who(), what, {"user": user})
        work.commit()


def write_and_notify(change: "Callable[[Session, Vault, list[Letter]], T]") -> T:
    """Apply the change likewise, then send the mails that it adds to its list."""
    from p2ppool.groups import notices
    from p2ppool.settings import settings

    letters: list[Letter] = []
    done = write(lambda session, sealing: change(session, sealing, letters))
    notices.send(settings(), letters)
    return done


def confirm_deletion(step: "Callable[[Collection[str]], object]", *, agrees: bool) -> list[str]:
    """Take a step; with `--delete-groups` also delete the groups that would lose their last admin.

    Returns the deleted groups.

    Raises:
        UserError: groups would be deleted, and the option was not given.
    """
    from p2ppool.groups.membership.ending import GroupsGoError

    try:
        step(())
    except GroupsGoError as error:
        if not agrees:
            raise UserError(f"{error}; to delete them, add --delete-groups") from None
        step(error.names)
        return error.names
    return []


def vault(session: "Session") -> "Vault":
    """Open the vault, which seals the secrets of groups."""
    from p2ppool.settings import settings
    from p2ppool.store.vault_key import open_vault

    return open_vault(session, settings())


def get_group(session: "Session", kind: Kind, name: str) -> "Group":
    """Return the group of that kind and name.

    Raises:
        UserError: there is none.
    """
    from p2ppool.groups.definition import registry
    from p2ppool.store.models import GroupKind

    return registry.get(session, GroupKind(kind), name)


def get_membership(session: "Session", group: "Group", name: str) -> "Membership":
    """Return the user's membership in the group.

    Raises:
        UserError: there is no such user, or they never asked to join.
    """
    from p2ppool.accounts import users
    from p2ppool.groups.membership import memberships

    found = memberships.of(session, group, users.get(session, name))
    if found is None:
        raise UserError(f"{name} has never asked to join {group.name}")
    return found


def this_manager() -> "Actor":
    """Return the actor of the command line: whoever can read the database decides in any group."""
    from p2ppool.groups.membership.memberships import Actor
    from p2ppool.store.models import User

    return Actor(User(name=f"cli {getpass.getuser()}"), is_manager=True)


def save(file: Path, data: bytes) -> None:
    """Write a file with a secret, readable only by its owner.

    Raises:
        UserError: it can't be written.
    """
    try:
        # An existing file may be readable by others.
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(data)
    except OSError as error:
        raise UserError(f"{file} can't be written: {error.strerror}") from error
