"""`p2ppool runtime …`."""

from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows

if TYPE_CHECKING:
    from p2ppool.store.models import Runtime

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The runtime: mono.")],
    as_json: AsJson = False,
) -> None:
    """Collect a runtime installed on this machine, for pools that bundle it."""
    from p2ppool.cli.terminal.database import store, who
    from p2ppool.records.audit import Subject, note
    from p2ppool.settings import settings
    from p2ppool.software.archive.artifact_store import RuntimeStore
    from p2ppool.software.runtime.library import add_runtime, collect_runtime
    from p2ppool.store.unit_of_work import UnitOfWork

    collected = collect_runtime(name)
    with UnitOfWork(store()) as work:
        row = _row(add_runtime(work, RuntimeStore(settings().data_folder), name, collected))
        subject = Subject.package(name, str(row["version"]))
        note(work.session, subject, who(), "add runtime", {"digest": row["digest"]})
        work.commit()
    if as_json:
        print_json(row)
    else:
        typer.echo(f"runtime {row['name']}@{row['version']} ({row['machine']}, {row['size']} bytes) added")


@app.command()
def delete(
    name: Annotated[str, typer.Argument(help="NAME@VERSION, or NAME if there is only one.")],
) -> None:
    """Delete a runtime that no pool bundles, with its archive."""
    from p2ppool.cli.terminal.database import record, store
    from p2ppool.records.audit import Subject
    from p2ppool.settings import settings
    from p2ppool.software.deletion import delete_runtime

    row = delete_runtime(store(), settings(), name)
    record(Subject.package(row.name, row.version), "delete runtime")
    typer.echo(f"runtime {row.name}@{row.version} deleted")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """List the runtimes that pools can bundle."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.software.runtime.library import list_runtimes
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        rows = [_row(runtime) for runtime in list_runtimes(work)]
    print_rows(rows, as_json=as_json, empty="no runtimes yet: p2ppool runtime add mono")


def _row(runtime: "Runtime") -> dict[str, object]:
    fields = ("name", "version", "machine", "size", "digest", "added_at")
    return {field: getattr(runtime, field) for field in fields}
