"""`p2ppool pool files`: files gathered from hosts, and their paths."""

from typing import Any

from p2ppool.cli.run.start import Name, check_pool
from p2ppool.cli.terminal.output import AsJson, print_rows


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
    print_rows(rows, as_json=as_json, empty=f"no files yet: p2ppool pool gather-logs {name}")


def gathered_file(pool: str, ticket: int) -> dict[str, Any]:
    """Return the file that the action of that ticket has produced, if any, to be printed."""
    from p2ppool.pools.recording.pool_files import files_of
    from p2ppool.settings import settings

    found = files_of(settings().data_folder, pool)
    path = next((str(file.path) for file in found if file.ticket == ticket), None)
    return {"file": path} if path else {}
