"""`p2ppool pool edit`, `audit`, `versions` and `config`."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.run.start import Name
from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.store.models import Pool
    from p2ppool.store.unit_of_work import UnitOfWork

_LINES = 200


def edit(
    name: Name,
    description: Annotated[str | None, typer.Option(help="What the pool is for.")] = None,
    default: Annotated[
        bool | None, typer.Option("--default/--not-default", help="Preselect it for pages and groups.")
    ] = None,
    test: Annotated[
        bool | None, typer.Option("--test/--not-test", help="Exclude it from scheduled checks.")
    ] = None,
    failure_limit: Annotated[
        int | None, typer.Option(help="Percent of hosts that may fail in an upgrade.")
    ] = None,
    ssh_user: Annotated[str | None, typer.Option(help="User on every host.")] = None,
    ssh_key: Annotated[str | None, typer.Option(metavar="NAME", help="An added key.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change settings that affect no host; for package, ports, nodes and hosts see `upgrade`."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.editing import edit as change
    from p2ppool.pools.definition.editing import read_edit
    from p2ppool.store.unit_of_work import UnitOfWork

    given = {
        "description": description,
        "is_default": default,
        "is_test": test,
        "failure_limit": failure_limit,
        "ssh_user": ssh_user,
        "ssh_key": ssh_key,
    }
    wanted = read_edit(**{field: value for field, value in given.items() if value is not None})
    with UnitOfWork(store()) as work:
        changes = change(work, _pool(work, name), wanted, f"cli {getpass.getuser()}")
        work.commit()
    rows = [{"field": field, "before": before, "after": after} for field, (before, after) in changes.items()]
    print_rows(rows, as_json=as_json, empty=f"pool {name}: nothing has changed")


def audit(name: Name, as_json: AsJson = False) -> None:
    """Show who changed what in the pool, the latest first."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.audit import lines_about
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        lines = lines_about(work.session, _pool(work, name), _LINES)
    if as_json:
        rows = [
            {"at": line.at, "who": line.who, "what": line.what, "details": line.details} for line in lines
        ]
        print_json(rows)
        return
    shown = [
        {
            "at": f"{line.at:%Y-%m-%d %H:%M:%S}Z",
            "who": line.who,
            "what": line.what,
            "details": _details(line.details),
        }
        for line in lines
    ]
    print_rows(shown, as_json=False, empty=f"nothing was changed in pool {name} yet")


def versions(name: Name, as_json: AsJson = False) -> None:
    """Show the version on each host, and which hosts are behind."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.rollout.bundles import bundle_for_hosts
    from p2ppool.reports.pools.versions import versions_of
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        wanted = bundle_for_hosts(_pool(work, name), settings()).digest
    rows = [
        {
            "host": found.host,
            "package": found.package,
            "digest": found.digest if as_json or not found.digest else found.digest[:12],
            "is": "behind" if found.behind else "up to date",
        }
        for found in versions_of(store(), name, wanted)
    ]
    print_rows(rows, as_json=as_json, empty=f"pool {name} has no hosts")
    behind = sum(row["is"] == "behind" for row in rows)
    if behind and not as_json:
        typer.echo(f"{behind} of {len(rows)} hosts are behind: `p2ppool pool install {name}` upgrades them")


def config(
    name: Name,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="The output file.")] = None,
) -> None:
    """Print a node.config with which a node of your own joins the pool."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.reports.hosts.joining import joining_config
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        text = joining_config(work.session, _pool(work, name))
    if output is None:
        typer.echo(text.decode(), nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise UserError(f"{output} can't be written: {error.strerror}") from error


def add_to(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for command in (edit, audit, versions, config):
        app.command()(command)


def _pool(work: "UnitOfWork", name: str) -> "Pool":
    from p2ppool.records.pools import get_pool

    return get_pool(work.session, name)


def _details(details: dict[str, object]) -> str:
    return "; ".join(f"{field}: {_change(value)}" for field, value in details.items())


def _change(value: object) -> str:
    if isinstance(value, list):
        texts = ["off" if item is None else str(item) for item in value]
        return " → ".join(texts) if len(texts) == 2 else ", ".join(texts)  # noqa: PLR2004 - before and after
    return str(value)
