"""What the commands about groups share: who acts, on which group, in one transaction."""

import getpass
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from p2ppool.errors import UserError

if TYPE_CHECKING:  # the command line is there at once, without a database
    from sqlalchemy.orm import Session

    from p2ppool.groups.membership.memberships import Actor
    from p2ppool.groups.notices import Letter
    from p2ppool.store.models import Group, Membership
    from p2ppool.store.vault import Vault

T = TypeVar("T")

Kind = Literal["vpn", "appliance"]
Name = Annotated[str, typer.Argument(metavar="GROUP", help="The group's name.")]
DeleteGroups = Annotated[
    bool, typer.Option("--delete-groups", help="Also groups that go with it, as nobody else is admin there.")
]
As = Annotated[str, typer.Option("--as", metavar="USER", help="The user whose step it is.")]


def write(change: "Callable[[Session, Vault], T]") -> T:
    """What the change gives, kept if nothing is in its way."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import UnitOfWork

    engine = store()
    with UnitOfWork(engine) as work:
        done = change(work.session, vault())
        work.commit()
    return done


def write_and_tell(change: "Callable[[Session, Vault, list[Letter]], T]") -> T:
    """The same, and the mails that the change puts into its list go out as the command ends."""
    from p2ppool.groups import notices
    from p2ppool.settings import settings

    letters: list[Letter] = []
    done = write(lambda session, sealing: change(session, sealing, letters))
    notices.send(settings(), letters)
    return done


def confirm_deletion(step: "Callable[[Collection[str]], object]", *, agrees: bool) -> list[str]:
    """Take a step, and with the option `--delete-groups` delete what goes with it; the groups that went.

    Raises:
        UserError: groups would go, and the option was not given.
    """
    from p2ppool.groups.membership.ending import GroupsGoError

    try:
        step(())
    except GroupsGoError as error:
        if not agrees:
            raise UserError(f"{error}; if they may go, say --delete-groups") from None
        step(error.names)
        return error.names
    return []


def vault() -> "Vault":
    """What seals the secrets of groups."""
    from p2ppool.settings import settings
    from p2ppool.store.vault import Vault

    return Vault.open(settings().data_folder, settings().vault_key)


def get_group(session: "Session", kind: Kind, name: str) -> "Group":
    """The group of that kind and name.

    Raises:
        UserError: there is none.
    """
    from p2ppool.groups.definition import registry
    from p2ppool.store.models import GroupKind

    return registry.get(session, GroupKind(kind), name)


def get_membership(session: "Session", group: "Group", name: str) -> "Membership":
    """What the user of that name is to the group.

    Raises:
        UserError: there is no such user, or they never asked to join.
    """
    from p2ppool.accounts import users
    from p2ppool.groups.membership import memberships

    found = memberships.of(session, group, users.get(session, name))
    if found is None:
        raise UserError(f"{name} never asked to join {group.name}")
    return found


def this_manager() -> "Actor":
    """Whoever has an account on this machine that can read its database: they decide in any group."""
    from p2ppool.groups.membership.memberships import Actor
    from p2ppool.store.models import User

    return Actor(User(name=f"cli {getpass.getuser()}"), is_manager=True)


def save(file: Path, data: bytes) -> None:
    """Write what holds a secret: only the owner may read it.

    Raises:
        UserError: it can't be written.
    """
    try:
        # What lay there before may be for others to read.
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(data)
    except OSError as error:
        raise UserError(f"{file} can't be written: {error.strerror}") from error
