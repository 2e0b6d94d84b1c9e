"""`p2ppool user …`: users of the pages. Passwords are never arguments, which other users could read."""

import getpass
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from p2ppool.cli.group.context import DeleteGroups, confirm_deletion
from p2ppool.cli.terminal.aliases import add_alias
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from p2ppool.store.models import User

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user's name.")]
Link = Annotated[bool, typer.Option("--link", help="Do not ask for a password: print a link to choose one.")]


@app.command("create")
def create(
    name: Name,
    manager: Annotated[bool, typer.Option("--manager", help="The user may act; default: only view.")] = False,
    member: Annotated[
        bool, typer.Option("--member", help="The user sees only pools on which they are given a role.")
    ] = False,
    email: Annotated[str | None, typer.Option(help="Their mail address.")] = None,
    link: Link = False,
    as_json: AsJson = False,
) -> None:
    """Create a user. Asks for the password, or reads it from standard input if that is not a terminal."""
    from p2ppool.accounts import users
    from p2ppool.store.models import Role

    if manager and member:
        raise UserError("a user is a manager or a member: give --manager or --member")
    role = Role.MANAGER if manager else Role.MEMBER if member else Role.VIEWER
    password = None if link else _new_password()

    def work(session: "Session") -> "tuple[User, str | None]":
        user = users.create(session, name, role, who(), password=password, email=email)
        return user, _link(session, user) if link else None

    user, address = write(work)
    _print_user(user, address, f"user {user.name} ({user.role}) created", as_json=as_json)


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the users."""
    from p2ppool.accounts.users import all_users
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows = [_row(user) for user in all_users(work.session)]
    print_rows(rows, as_json=as_json, empty="no users yet: p2ppool user create NAME --manager")


@app.command()
def role(
    name: Name, wanted: Annotated[Literal["manager", "viewer", "member"], typer.Argument(metavar="ROLE")]
) -> None:
    """Make a user a manager, who may act, a viewer, who may look, or a member, who sees only their pools."""
    from p2ppool.accounts import users
    from p2ppool.store.models import Role

    write(lambda session: users.set_role(session, users.get(session, name), Role(wanted), who()))
    typer.echo(f"user {name} is now a {wanted}")


@app.command()
def password(name: Name, link: Link = False, as_json: AsJson = False) -> None:
    """Set a user's password, as `user create` does. Their sessions end."""
    from p2ppool.accounts import users

    chosen = None if link else _new_password()

    def change(session: "Session") -> "tuple[User, str | None]":
        user = users.get(session, name)
        if chosen is None:
            return user, _link(session, user)
        users.set_password(session, user, chosen, who())
        return user, None

    user, address = write(change)
    _print_user(user, address, f"password of user {user.name} changed", as_json=as_json)


@app.command("remove-second-factor")
def remove_second_factor(name: Name) -> None:
    """Remove a user's second factor, which they have lost: the password alone is enough again."""
    from p2ppool.accounts import users
    from p2ppool.accounts.second_factor import codes

    write(lambda session: codes.remove_all(session, users.get(session, name), who()))
    typer.echo(f"user {name} has no second factor any more")


@app.command()
def disable(name: Name) -> None:
    """Disable a user: their sessions end, and their tokens stop working."""
    _set_active(name, active=False)
    typer.echo(f"user {name} disabled")


@app.command()
def enable(name: Name) -> None:
    """Enable a disabled user."""
    _set_active(name, active=True)
    typer.echo(f"user {name} enabled")


@app.command("delete")
def delete(name: Name, delete_groups: DeleteGroups = False) -> None:
    """Delete a user with their tokens and memberships; records of their actions are kept."""
    from p2ppool.accounts import users
    from p2ppool.groups.membership.leaving import remove_user

    def change(session: "Session") -> list[str]:
        gone = partial(remove_user, session, users.get(session, name), who())
        return confirm_deletion(gone, agrees=delete_groups)

    deleted = write(change)
    typer.echo(f"user {name} deleted" + (f"; deleted: {', '.join(deleted)}" if deleted else ""))


add_alias(app, "add", "user create", create)
add_alias(app, "remove", "user delete", delete)


def _set_active(name: str, *, active: bool) -> None:
    from p2ppool.accounts import users

    write(lambda session: users.set_active(session, users.get(session, name), who(), active=active))


def write(change: "Callable[[Session], T]") -> T:
    """Apply a change to users in the database of this machine, and return its result."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        done = change(work.session)
        work.commit()
    return done


def _link(session: "Session", user: "User") -> str:
    from p2ppool.accounts import links
    from p2ppool.settings import settings

    return links.for_password(session, settings().web_url, user, who())


def _new_password() -> str:
    """Read the password twice from a terminal, else from the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(1024).rstrip("\r\n")
    chosen = getpass.getpass("password: ")
    if getpass.getpass("repeat password: ") != chosen:
        raise UserError("the two passwords differ")
    return chosen


def _print_user(user: "User", address: str | None, result: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_row(user) | ({"link": address} if address else {}))
    elif address:
        typer.echo(f"a link for {user.name}, which works once, within one day:\n{address}")
    else:
        typer.echo(result)


def _row(user: "User") -> dict[str, object]:
    fields = ("name", "role", "active", "email", "created_at", "signed_in_at")
    return {field: getattr(user, field) for field in fields}


def who() -> str:
    """Return who runs the command, for the audit log."""
    return f"cli {getpass.getuser()}"
