"""`p2ppool pool …` on pools that are there: each asks for the action of its name."""

from typing import Annotated, Any

import typer

from p2ppool.cli.run.start import Name, NoWait, act, check_pool
from p2ppool.cli.terminal.output import AsJson


def install(
    name: Name,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change on which host.")] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Install and start the pool's software wherever it does not run."""
    if dry_run:
        check_pool(name)
        act("upgrade", name, {"spec": {"name": name, "dry_run": True}}, no_wait=no_wait, as_json=as_json)
    else:
        _ask("install", name, no_wait=no_wait, as_json=as_json)


def check(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Look at every host, and mend what is missing, outdated or not running."""
    _ask("check", name, no_wait=no_wait, as_json=as_json)


def verify(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """See on every host, point by point, whether it has what it should, its node in the overlay too."""
    from p2ppool.cli.pool.host_tables import print_verification

    check_pool(name)
    act("verify", name, {"pool": name}, no_wait=no_wait, as_json=as_json, show=print_verification)


def crawl(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Walk over the pool's overlay and keep the snapshot."""
    _ask("crawl", name, no_wait=no_wait, as_json=as_json)


def suspend(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """End the pool's nodes; its history and what is installed stay."""
    _ask("suspend", name, no_wait=no_wait, as_json=as_json)


def resume(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Start the nodes of a suspended pool again, with the addresses they had."""
    _ask("resume", name, no_wait=no_wait, as_json=as_json)


def stop(name: Name, no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Cancel whatever runs on the pool, then uninstall it from every host; its history stays."""
    _ask("stop", name, no_wait=no_wait, as_json=as_json)


def uninstall_check(
    name: Name,
    give_up: Annotated[bool, typer.Option("--give-up", help="Delete it though hosts are left.")] = False,
    no_archive: Annotated[bool, typer.Option("--no-archive", help="Keep nothing of its history.")] = False,
    keep_key: Annotated[bool, typer.Option("--keep-key", help="Keep its SSH key for later.")] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Clear the hosts that a stop left; once nothing is left, archive the stopped pool and delete it."""
    check_pool(name)
    parameters = {"pool": name, "give_up": give_up, "archive": not no_archive, "keep_key": keep_key}
    act("uninstall-check", name, parameters, no_wait=no_wait, as_json=as_json)


def retry(
    name: Name,
    ticket: Annotated[
        int | None, typer.Option(metavar="N", help="The ticket to try again (the latest that left hosts).")
    ] = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Do a past action again on the hosts that failed or were never started, with the same parameters."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.pools import get_pool
    from p2ppool.reports.actions.retries import what_to_retry
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        found = what_to_retry(work.session, get_pool(work.session, name), ticket)
    act(found.action, name, found.parameters, no_wait=no_wait, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Make them commands of `app`."""
    for command in (install, check, verify, crawl, suspend, resume, stop, uninstall_check, retry):
        app.command()(command)


def _ask(action: str, name: str, *, no_wait: bool, as_json: bool) -> None:
    check_pool(name)
    parameters: dict[str, Any] = {"pool": name}
    act(action, name, parameters, no_wait=no_wait, as_json=as_json)
