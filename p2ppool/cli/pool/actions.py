"""`p2ppool pool …` commands for existing pools: each starts the action of its name."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from p2ppool.actions.catalogue import Action
from p2ppool.cli.pool.files import gathered_file
from p2ppool.cli.run.start import Name, NoWait, act, check_pool
from p2ppool.cli.terminal.output import AsJson


def install(
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change on each host.")] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    if dry_run:
        check_pool(name)
        act("upgrade", name, {"spec": {"name": name, "dry_run": True}}, no_wait=no_wait, as_json=as_json)
    else:
        _start("install", name, no_wait=no_wait, as_json=as_json)


def verify(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    from p2ppool.cli.pool.host_tables import print_verification

    check_pool(name)
    act("verify", name, {"pool": name}, no_wait=no_wait, as_json=as_json, show=print_verification)


def uninstall_check(
    name: Name,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Delete it even if hosts are not clean.")
    ] = False,
    no_archive: Annotated[bool, typer.Option("--no-archive", help="Do not archive its history.")] = False,
    keep_key: Annotated[bool, typer.Option("--keep-key", help="Keep its SSH key for later.")] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    check_pool(name)
    parameters = {"pool": name, "give_up": give_up, "archive": not no_archive, "keep_key": keep_key}
    act("uninstall-check", name, parameters, no_wait=no_wait, as_json=as_json)


def retry(
    name: Name,
    ticket: Annotated[
        int | None,
        typer.Option(metavar="N", help="The ticket to retry (default: the latest with hosts left)."),
    ] = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Repeat a past action on the hosts that failed or were never started, with the same parameters."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.pools import get_pool
    from p2ppool.reports.actions.retries import what_to_retry
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        found = what_to_retry(work.session, get_pool(work.session, name), ticket)
    act(found.action, name, found.parameters, no_wait=no_wait, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Add a command to `app` for each action of the catalogue, and the related ones."""
    own: dict[str, Callable[..., None]] = {
        "install": install,
        "verify": verify,
        "uninstall-check": uninstall_check,
    }
    for action in Action:
        if not action.row.form:
            command = own.get(action) or _command_of(action)
            app.command(action.value, help=action.row.summary)(command)
    app.command()(retry)


def _command_of(action: Action) -> Callable[..., None]:
    """Build the command of an action whose only parameter is a pool."""

    def command(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
        _start(action, name, no_wait=no_wait, as_json=as_json)

    return command


def _start(action: str, name: str, *, no_wait: bool, as_json: bool) -> None:
    check_pool(name)
    made = partial(gathered_file, name)
    act(action, name, {"pool": name}, no_wait=no_wait, as_json=as_json, made=made)
