"""`p2ppool pool create --dry-run`: look at the hosts of a pool that is not there yet."""

from typing import Any

import typer

from p2ppool.cli.terminal.output import print_rows
from p2ppool.errors import UserError


def preview(fields: dict[str, Any], package: str, ssh_key: str, *, as_json: bool) -> None:
    """Print what creating the pool would do on each host; exit code 1 where something is in the way.

    Raises:
        UserError: what a creation would say; a package or key given as a file has to be added first.
    """
    from p2ppool.cancel import CancelToken
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.registry import hosts_of, prepare
    from p2ppool.pools.definition.spec import read_spec
    from p2ppool.pools.rollout.preview import prepare_preview
    from p2ppool.pools.rollout.preview import preview as look
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import UnitOfWork

    for what, given in (("package", package), ("key", ssh_key)):
        if "/" in given or given.endswith(".zip"):
            raise UserError(f"{what} {given}: add it first (`p2ppool {what} add`), a dry run adds nothing")
    spec = read_spec(**fields, package=package, ssh_key=ssh_key)
    hosts = hosts_of(spec)
    with UnitOfWork(store()) as work:  # nothing of it is kept
        found = prepare_preview(work, prepare(work, spec, hosts), settings())
    outcomes = look(found, settings(), CancelToken())
    rows = [
        {
            "host": outcome.target.name,
            "result": outcome.error or "done",
            "what": outcome.message or outcome.facts.get("would"),
        }
        for outcome in outcomes
    ]
    print_rows(rows, as_json=as_json, empty="")
    if not all(outcome.ok for outcome in outcomes):
        raise typer.Exit(1)
