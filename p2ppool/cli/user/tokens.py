"""`p2ppool token …`: API tokens for scripts."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    from p2ppool.store.models import ApiToken

app = typer.Typer(no_args_is_help=True)


@app.command()
def create(
    user: Annotated[str, typer.Argument(help="The token's owner.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Its scope, export (default) or view; may be repeated.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, help="Days of validity; 0: as long as P2PPOOL_TOKEN_LONGEST_DAYS allows.")
    ] = 90,
    as_json: AsJson = False,
) -> None:
    """Create an API token and print it; it is not shown again."""
    from p2ppool.accounts import tokens, users
    from p2ppool.cli.terminal.database import store
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        owner = users.get(work.session, user)
        life = tokens.life_of(days, settings().token_longest)
        scopes = scope or [tokens.Scope.EXPORT]
        token, text = tokens.create(work.session, owner, name, scopes, _who(), life=life)
        work.commit()
    if as_json:
        print_json(_row(token) | {"token": text})
    else:
        typer.echo(text)


@app.command("list")
def show(
    user: Annotated[str | None, typer.Option(help="Only tokens of this user.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the tokens with their first characters."""
    from p2ppool.accounts import tokens, users
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        owner = users.get(work.session, user) if user else None
        rows = [_row(token) for token in tokens.of(work.session, owner)]
    print_rows(rows, as_json=as_json, empty="no tokens yet: p2ppool token create USER NAME")


@app.command()
def revoke(token: Annotated[str, typer.Argument(help="Its number or its first characters.")]) -> None:
    """Revoke a token."""
    from p2ppool.accounts import tokens
    from p2ppool.cli.terminal.database import store
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        revoked = tokens.revoke(work.session, None, token, _who())
        work.commit()
    typer.echo(f"token {revoked.prefix}… of {revoked.user.name} revoked")


def _row(token: "ApiToken") -> dict[str, object]:
    from p2ppool.accounts import tokens

    fields = ("name", "prefix", "scopes", "created_at", "expires_at", "used_at", "revoked_at")
    row: dict[str, object] = {"number": token.id, "user": token.user.name, "works": tokens.works(token)}
    return row | {field: getattr(token, field) for field in fields}


def _who() -> str:
    return f"cli {getpass.getuser()}"
