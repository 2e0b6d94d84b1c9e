"""`p2ppool pool create --dry-run`: check the hosts of a pool before creating it."""

from typing import Any

import typer

from p2ppool.cli.terminal.output import print_rows
from p2ppool.errors import UserError


def preview(fields: dict[str, Any], package: str, ssh_key: str, *, as_json: bool) -> None:
    """Print what creating the pool would do on each host; exit with code 1 if something prevents it.

    Raises:
        UserError: the creation would fail; or a package or key is a file, which must be added first.
    """
    from p2ppool.cancel import CancelToken
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.registry import hosts_of, prepare
    from p2ppool.pools.definition.spec import read_spec
    from p2ppool.pools.rollout.preview import prepare_preview, preview_local_node
    from p2ppool.pools.rollout.preview import preview as run_preview
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import UnitOfWork

    for what, given in (("package", package), ("key", ssh_key)):
        if "/" in given or given.endswith(".zip"):
            raise UserError(f"{what} {given}: add it first (`p2ppool {what} add`), a dry run does not add it")
    spec = read_spec(**fields, package=package, ssh_key=ssh_key)
    hosts = hosts_of(spec)
    with UnitOfWork(store()) as work:  # never committed
        found = prepare_preview(work, prepare(work, spec, hosts), settings())
    outcomes = run_preview(found, settings(), CancelToken())
    rows = [
        {
            "host": outcome.target.name,
            "result": outcome.error or "done",
            "what": outcome.message or outcome.facts.get("would"),
        }
        for outcome in outcomes
    ]
    result, what = preview_local_node(found, settings(), CancelToken())
    if result != "done":
        rows.append({"host": "(local node, on this machine)", "result": result, "what": what})
    print_rows(rows, as_json=as_json, empty="")
    if result != "done" or not all(outcome.ok for outcome in outcomes):
        raise typer.Exit(1)
