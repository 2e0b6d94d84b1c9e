"""`p2ppool package …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.store.models import Package

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to add it under.")],
    file: Annotated[Path | None, typer.Argument(metavar="ZIP", help="The zip of P2P software.")] = None,
    version: Annotated[
        str | None, typer.Option(help="Its version; default: derived from its digest.")
    ] = None,
    reference_node: Annotated[
        bool, typer.Option("--reference-node", help="Add the reference node that comes with this program.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a zip of P2P software; it is checked and stored under its digest."""
    from p2ppool.cli.terminal.database import store, who
    from p2ppool.records import audit
    from p2ppool.settings import settings
    from p2ppool.software.package.adding import add_package_file
    from p2ppool.software.package.reference import reference_package
    from p2ppool.store.unit_of_work import UnitOfWork

    if (file is None) != reference_node:
        raise UserError("package add: give either a zip or --reference-node")
    with UnitOfWork(store()) as work:
        source = reference_package() if file is None else file
        row = _row(add_package_file(work, settings(), name, version, source))
        subject = audit.Subject.package(str(row["name"]), str(row["version"]))
        audit.note(work.session, subject, who(), "add", {"digest": row["digest"]})
        work.commit()
    if as_json:
        print_json(row)
    else:
        typer.echo(f"package {row['name']}@{row['version']} ({row['runtime']}, {row['size']} bytes) added")


@app.command()
def delete(
    name: Annotated[str, typer.Argument(help="NAME@VERSION, or NAME for the one added last.")],
) -> None:
    """Delete a package that no pool uses, with its zip."""
    from p2ppool.cli.terminal.database import record, store
    from p2ppool.records.audit import Subject
    from p2ppool.settings import settings
    from p2ppool.software.deletion import delete_package

    row = delete_package(store(), settings(), name)
    record(Subject.package(row.name, row.version), "delete")
    typer.echo(f"package {row.name}@{row.version} deleted")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="NAME@VERSION, or NAME for the one added last.")],
    as_json: AsJson = False,
) -> None:
    """Show a package, and which of its files bundles adapt, and why."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.settings import settings
    from p2ppool.software.bundle.adapted_package import adapted_in
    from p2ppool.software.package.library import find_package
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        row = _row(found := find_package(work, name))
        adapted = [{"file": one.path, "why": one.reason} for one in adapted_in(found, settings())]
    if as_json:
        print_json({**row, "adapted": adapted})
        return
    for field, value in row.items():
        typer.echo(f"{field.replace('_', ' '):12}{value}")
    for one in adapted:
        typer.echo(
            f"{'adapts':12}{one['file']}: {one['why']} (a pool's --no-adapt-package leaves it as it is)"
        )
    if not adapted:
        typer.echo(f"{'adapts':12}nothing: bundles hold its files as they are")


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the packages."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.software.package.library import list_packages
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows = [_row(package) for package in list_packages(work)]
    print_rows(rows, as_json=as_json, empty="no packages yet: p2ppool package add NAME ZIP")


def _row(package: "Package") -> dict[str, object]:
    fields = ("name", "version", "runtime", "program", "size", "digest", "added_at")
    return {field: getattr(package, field) for field in fields}
