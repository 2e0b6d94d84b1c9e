"""`p2ppool user import`, `waiting`, `accept` and `deny`: ways to become a user."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.cli.user.users import who, write
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from p2ppool.accounts.user_import import Entry
    from p2ppool.store.models import Registration

Number = Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Its number in `p2ppool user waiting`.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `user`."""
    app.command("import")(import_users)
    for command in (waiting, accept, deny):
        app.command()(command)


def import_users(
    file: Annotated[Path, typer.Argument(help="CSV with the columns name, email, role.")],
    mail: Annotated[bool, typer.Option("--mail", help="Mail the links instead of printing them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be created.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create all users of a CSV file, each with a link to choose a password; or none, if a row is invalid."""
    from p2ppool.accounts import user_import

    entries = user_import.read(_read(file))
    if mail:
        _require_mail(entries)
    links = _make(entries, dry_run=dry_run)
    rows: list[dict[str, object]] = [
        {"name": entry.name, "role": entry.role.value, "email": entry.email or ""} for entry in entries
    ]
    if not dry_run:
        for row, link in zip(rows, links, strict=True):
            row["link"] = "mailed" if mail and _mail(str(row["email"]), str(row["name"]), link) else link
    if as_json:
        print_json(rows)
        return
    # Not in columns, which would break a link.
    for row in rows:
        typer.echo("\t".join(str(value) for value in row.values()))
    typer.echo(f"{len(rows)} users {'would be created' if dry_run else 'created'}")


def waiting(as_json: AsJson = False) -> None:
    """List registrations that wait for a manager."""
    from p2ppool.accounts.registrations import for_managers
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows: list[dict[str, object]] = [
            {"number": each.id, "name": each.name, "email": each.email, "asked_at": each.asked_at}
            for each in for_managers(work.session)
        ]
    print_rows(rows, as_json=as_json, empty="no registrations are waiting")


def accept(number: Number) -> None:
    """Accept a registration: create the user."""
    from p2ppool.accounts import registrations
    from p2ppool.settings import settings
    from p2ppool.store.models import Role

    def change(session: "Session") -> "Registration":
        found = registrations.get(session, number)
        registrations.accept(session, found, who(), Role(settings().new_user_role))
        return found

    _print_decision(write(change), "is now a user; let them know that they can sign in", accepted=True)


def deny(number: Number) -> None:
    """Deny a registration."""
    from p2ppool.accounts import registrations

    def change(session: "Session") -> "Registration":
        found = registrations.get(session, number)
        registrations.deny(session, found, who())
        return found

    _print_decision(write(change), "was denied", accepted=False)


def _print_decision(found: "Registration", result: str, *, accepted: bool) -> None:
    from p2ppool.accounts import notices
    from p2ppool.mail import send
    from p2ppool.settings import settings

    typer.echo(f"{found.name} ({found.email}) {result}")
    send(settings(), found.email, *notices.decided(settings().web_url, found.name, accepted=accepted))


def _read(file: Path) -> bytes:
    from p2ppool.accounts.user_import import LARGEST

    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise UserError(f"{file} can't be read: {error.strerror}") from None


def _require_mail(entries: "Sequence[Entry]") -> None:
    from p2ppool.settings import settings

    if not settings().has_mail:
        raise UserError("no mail server is set: P2PPOOL_SMTP_HOST")
    without = [f"line {entry.line}" for entry in entries if entry.email is None]
    if without:
        raise UserError(f"no mail address: {', '.join(without[:20])}")


def _make(entries: "Sequence[Entry]", *, dry_run: bool) -> list[str]:
    """Create the users and their links; with `dry_run` nothing is stored."""
    from p2ppool.accounts import links, user_import
    from p2ppool.cli.terminal.database import store
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        made = user_import.make(work.session, entries, who())
        addresses = [links.for_password(work.session, settings().web_url, user, who()) for user in made]
        if not dry_run:
            work.commit()
    return addresses


def _mail(email: str, name: str, link: str) -> bool:
    """Tell whether the mail was accepted; if not, print why."""
    from p2ppool.accounts import notices
    from p2ppool.mail import deliver
    from p2ppool.settings import settings

    try:
        deliver(settings(), email, *notices.invited(settings().web_url, name, link))
    except UserError as error:
        print(f"p2ppool: {error}", file=sys.stderr)
        return False
    return True
