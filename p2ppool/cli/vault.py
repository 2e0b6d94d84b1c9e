"""`p2ppool vault …`."""

from pathlib import Path
from typing import Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json

app = typer.Typer(no_args_is_help=True)
_KEY_FILE_BYTES = 1024


@app.callback()
def whole() -> None:
    """Manage the key that encrypts secrets in the database."""


@app.command()
def rotate(
    key_file: Annotated[
        Path | None,
        typer.Option(help="File with the new key, where the old one comes from P2PPOOL_VAULT_KEY."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Encrypt all secrets with a new key, in one transaction; the old key is then of no use."""
    from p2ppool.cli.library.keys import read_bounded
    from p2ppool.cli.terminal.database import record, store
    from p2ppool.records.audit import Subject
    from p2ppool.settings import settings
    from p2ppool.store.vault_key import rotate as seal_all

    given = read_bounded(key_file, _KEY_FILE_BYTES).decode("ascii", "replace") if key_file else None
    count = seal_all(store(), settings(), given)
    record(Subject.key("vault"), "rotate")
    if as_json:
        print_json({"secrets": count})
    else:
        typer.echo(f"{count} secrets encrypted with a new key: make a new copy of it")
        if given:
            typer.echo("set P2PPOOL_VAULT_KEY to the new key before anything else is started")
        typer.echo("restart `p2ppool up`: the keys of cookies and Prefect's credential are derived from it")
