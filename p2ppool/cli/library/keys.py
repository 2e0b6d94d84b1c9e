"""`p2ppool key …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.store.models import SshKey
    from p2ppool.store.unit_of_work import UnitOfWork

app = typer.Typer(no_args_is_help=True)
_KEY_FILE_BYTES = 64 * 1024


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to add it under.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The private key; with --ssh-agent the public one."),
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with its passphrase, if it has one.")
    ] = None,
    ssh_agent: Annotated[
        bool, typer.Option("--ssh-agent", help="Leave the key in the SSH agent, and let that sign.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="File with a certificate of the key (-cert.pub).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add an SSH private key; it is checked, stored encrypted, and never shown again."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.keys.keyring import set_certificate
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        found = _add_key(work, name, file, passphrase_file, ssh_agent=ssh_agent)
        if certificate is not None:
            set_certificate(found, read_bounded(certificate, _KEY_FILE_BYTES))
        row = _row(found)
        work.commit()
    if as_json:
        print_json(row)
    else:
        typer.echo(f"key {row['name']} ({row['key_type']}, {row['fingerprint']}) added")


@app.command()
def delete(name: Annotated[str, typer.Argument(help="Name of the key.")]) -> None:
    """Delete an SSH key that no pool uses."""
    from p2ppool.cli.terminal.database import store, who
    from p2ppool.keys.keyring import delete_key
    from p2ppool.records.audit import Subject, note
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        delete_key(work, name)
        note(work.session, Subject.key(name), who(), "delete")
        work.commit()
    typer.echo(f"key {name} deleted")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """List the keys with their fingerprints."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.keys.keyring import list_keys
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows = [_row(key) for key in list_keys(work)]
    print_rows(rows, as_json=as_json, empty="no keys yet: p2ppool key add NAME FILE")


def _add_key(
    work: "UnitOfWork", name: str, file: Path | None, passphrase_file: Path | None, *, ssh_agent: bool
) -> "SshKey":
    from p2ppool.keys.keyring import add_agent_key

    if ssh_agent:
        public = read_bounded(file, _KEY_FILE_BYTES).decode("utf-8", "replace") if file else None
        return add_agent_key(work, name, public)
    if file is None:
        raise UserError("key add: give the file of the private key, or --ssh-agent")
    return add_key_file(work, name, file, passphrase_file)


def add_key_file(work: "UnitOfWork", name: str, file: Path, passphrase_file: Path | None = None) -> "SshKey":
    """Add the key, encrypted. The caller commits.

    Raises:
        UserError: the file, the passphrase or the name can't be used.
    """
    from p2ppool.cli.terminal.database import who
    from p2ppool.keys.keyring import add_key_data
    from p2ppool.records.audit import Subject, note
    from p2ppool.settings import settings

    data = read_bounded(file, _KEY_FILE_BYTES)
    passphrase = read_bounded(passphrase_file, 4096).decode().rstrip("\r\n") if passphrase_file else None
    added = add_key_data(work, settings(), name, data, passphrase)
    note(work.session, Subject.key(name), who(), "add", {"fingerprint": added.fingerprint})
    return added


def read_bounded(file: Path, limit: int) -> bytes:
    """Read a small file.

    Raises:
        UserError: it can't be read or has more than `limit` bytes.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    if len(data) > limit:
        raise UserError(f"{file} is larger than {limit} bytes: is it the right file?")
    return data


def _row(key: "SshKey") -> dict[str, object]:
    fields = ("name", "key_type", "bits", "fingerprint", "added_at")
    return {field: getattr(key, field) for field in fields}
