"""Asking for an action and following it to its end."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2ppool.cli.run.host_results import host_results, print_what_is_to_be_seen
from p2ppool.cli.terminal.output import AsJson, print_json
from p2ppool.errors import UserError

if TYPE_CHECKING:  # the command line is there at once, without a database
    from sqlalchemy import Engine

    from p2ppool.cli.run.follow import Followed

Name = Annotated[str, typer.Argument(metavar="NAME", help="The pool's name.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Leave once the action is asked for.")]


def act(
    action: str,
    pool: str,
    parameters: dict[str, Any],
    *,
    no_wait: bool,
    as_json: AsJson,
    made: Callable[[int], dict[str, Any]] = lambda _: {},
    show: Callable[["Engine", int], None] = print_what_is_to_be_seen,
) -> None:
    """Start the action through Prefect and follow it; exit code 1 where nothing of it was done.

    `made` tells by a ticket's number what it has brought about, which is printed too; `show` prints for a
    person what it left on the hosts.
    """
    from p2ppool.cli.terminal.database import store

    engine, asked = store(), _ask(action, pool, parameters)
    if no_wait:
        answer = {"action": action, "run": asked.run, "url": asked.url}
        print_json(answer) if as_json else typer.echo(f"{asked.title}: asked for, see {asked.url}")
        return
    followed = _follow(engine, asked, quiet=as_json)
    ticket = followed.merged_into or followed.ticket_id
    brought = made(ticket) if ticket is not None else {}
    if as_json:
        results = [] if ticket is None else host_results(engine, ticket)
        print_json({"action": action, **_row(asked, followed), "hosts": results, **brought})
        raise typer.Exit(1 if followed.failed else 0)
    if ticket is not None:
        show(engine, ticket)
    told = f"{asked.title}: {followed.outcome}: {followed.message}"
    if followed.failed:
        raise UserError(told)
    typer.echo("\n".join([told, *map(str, brought.values())]))


@dataclass(frozen=True)
class _Asked:
    """A run that was asked for, and where Prefect shows it."""

    title: str
    run: str
    url: str


def _ask(action: str, pool: str, parameters: dict[str, Any]) -> _Asked:
    from p2ppool.prefect_client.client import PrefectApi
    from p2ppool.settings import settings

    with PrefectApi(settings().prefect_url) as api:
        run = api.start(action, parameters, f"cli {getpass.getuser()}")
    return _Asked(f"{action} {pool}", run, f"{settings().prefect_url}/runs/flow-run/{run}")


def _follow(engine: "Engine", asked: _Asked, *, quiet: bool) -> "Followed":
    from p2ppool.cli.run.follow import follow
    from p2ppool.prefect_client.client import PrefectApi
    from p2ppool.settings import settings

    try:
        with PrefectApi(settings().prefect_url) as api:
            return follow(engine, api, asked.run, asked.title, quiet=quiet)
    except KeyboardInterrupt:
        typer.echo(f"{asked.title} goes on without you: follow or cancel it at {asked.url}", err=True)
        raise typer.Exit(130) from None


def _row(asked: _Asked, followed: "Followed") -> dict[str, Any]:
    return {
        "run": asked.run,
        "url": asked.url,
        "ticket": followed.ticket_id,
        "outcome": followed.outcome,
        "message": followed.message,
        "merged_into": followed.merged_into,
    }


def check_pool(name: str) -> None:
    """See that there is such a pool.

    Raises:
        UserError: there is none.
    """
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        get_pool(work.session, name)
