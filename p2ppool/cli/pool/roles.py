"""`p2ppool pool role …`: who may do what with one pool, besides the managers of all pools."""

import getpass
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from p2ppool.cli.run.start import Name
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from p2ppool.accounts.notices import Notice
    from p2ppool.store.models import User

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True)

Person = Annotated[str, typer.Argument(metavar="USER", help="The user's name.")]


@app.command("list")
def list_all(name: Name, as_json: AsJson = False) -> None:
    """List the users who have a role on the pool; managers and viewers of all pools need none."""
    from p2ppool.accounts.roles import pool_roles
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        found = pool_roles.of_pool(work.session, get_pool(work.session, name))
        rows = [{"user": each.user.name, "role": each.role, "given_at": each.given_at} for each in found]
    empty = f"nobody has a role on pool {name} alone: p2ppool pool role give {name} USER ROLE"
    print_rows(rows, as_json=as_json, empty=empty)


@app.command()
def give(
    name: Name,
    user: Person,
    role: Annotated[Literal["viewer", "operator", "manager"], typer.Argument(metavar="ROLE")],
    as_json: AsJson = False,
) -> None:
    """Make a user viewer, operator or manager of the pool, instead of the role they have on it."""
    from p2ppool.accounts import notices, users
    from p2ppool.accounts.roles import pool_roles
    from p2ppool.records.pools import get_pool
    from p2ppool.settings import settings
    from p2ppool.store.models import PoolRole

    def change(session: "Session") -> "tuple[User, bool]":
        found = users.get(session, user)
        return found, pool_roles.give(session, get_pool(session, name), found, PoolRole(role), _who())

    found, is_new = _write(change)
    if is_new:
        _notify(found, notices.role_given(settings().web_url, found.name, name, role))
    _print(name, found.name, role, f"user {found.name} is now {role} of pool {name}", as_json=as_json)


@app.command()
def take(name: Name, user: Person, as_json: AsJson = False) -> None:
    """Take a user's role on the pool away."""
    from p2ppool.accounts import notices, users
    from p2ppool.accounts.roles import pool_roles
    from p2ppool.records.pools import get_pool
    from p2ppool.settings import settings

    def change(session: "Session") -> "User":
        found = users.get(session, user)
        pool_roles.take(session, get_pool(session, name), found, _who())
        return found

    found = _write(change)
    _notify(found, notices.role_taken(settings().web_url, found.name, name))
    _print(name, found.name, None, f"user {found.name} has no role on pool {name} any more", as_json=as_json)


def _write(change: "Callable[[Session], T]") -> T:
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        done = change(work.session)
        work.commit()
    return done


def _who() -> str:
    return f"cli {getpass.getuser()}"


def _notify(user: "User", notice: "Notice") -> None:
    from p2ppool.mail import send
    from p2ppool.settings import settings

    if user.email:
        send(settings(), user.email, *notice)


def _print(pool: str, user: str, role: str | None, result: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"pool": pool, "user": user, "role": role})
    else:
        typer.echo(result)
