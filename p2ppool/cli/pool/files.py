"""`p2ppool pool gather-logs`, `gather-results` and `files`: what is brought from hosts, and where it lies."""

from typing import Any

import typer

from p2ppool.cli.run.start import Name, NoWait, act, check_pool
from p2ppool.cli.terminal.output import AsJson, print_rows


def gather_logs(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Bring the logs of every host into one zip."""
    _gather("gather-logs", name, no_wait=no_wait, as_json=as_json)


def gather_results(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Bring the test results (*.db) of every host into one zip."""
    _gather("gather-results", name, no_wait=no_wait, as_json=as_json)


def files(name: Name, as_json: AsJson = False) -> None:
    """List the pool's files in the data folder: gathered logs and results, archives."""
    from p2ppool.pools.recording.pool_files import files_of
    from p2ppool.settings import settings

    found = files_of(settings().data_folder, name)
    if not found:
        check_pool(name)
    rows = [
        {
            "file": str(file.path),
            "kind": str(file.kind),
            "made_at": f"{file.made_at:%Y-%m-%dT%H:%M:%SZ}",
            "bytes": file.size,
            "ticket": file.ticket,
        }
        for file in found
    ]
    print_rows(rows, as_json=as_json, empty=f"no file yet: p2ppool pool gather-logs {name}")


def add_to(app: typer.Typer) -> None:
    """Make them commands of `app`."""
    for command in (gather_logs, gather_results, files):
        app.command()(command)


def _gather(action: str, name: str, *, no_wait: bool, as_json: bool) -> None:
    check_pool(name)

    def made(ticket: int) -> dict[str, Any]:
        from p2ppool.pools.recording.pool_files import files_of
        from p2ppool.settings import settings

        found = files_of(settings().data_folder, name)
        path = next((str(file.path) for file in found if file.ticket == ticket), None)
        return {"file": path} if path else {}

    act(action, name, {"pool": name}, no_wait=no_wait, as_json=as_json, made=made)
