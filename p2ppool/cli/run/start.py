"""Starting an action and following it to its end."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2ppool.cli.run.host_results import host_results, print_host_results
from p2ppool.cli.terminal.output import AsJson, print_json
from p2ppool.errors import UserError

if TYPE_CHECKING:  # `--help` must not wait for SQLAlchemy
    from sqlalchemy import Engine

    from p2ppool.cli.run.follow import Followed

Name = Annotated[str, typer.Argument(metavar="NAME", help="The pool's name.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the action to end.")]


def act(
    action: str,
    pool: str,
    parameters: dict[str, Any],
    *,
    no_wait: bool,
    as_json: AsJson,
    made: Callable[[int], dict[str, Any]] = lambda _: {},
    show: Callable[["Engine", int], None] = print_host_results,
) -> None:
    """Start the action through Prefect and follow it; exit with code 1 if nothing was done.

    `made` returns the products of a ticket, which are also printed; `show` prints its results on the
    hosts for people.
    """
    from p2ppool.cli.terminal.database import store

    engine, started = store(), _start(action, pool, parameters)
    if no_wait:
        answer = {"action": action, "run": started.run, "url": started.url}
        print_json(answer) if as_json else typer.echo(f"{started.title}: requested, see {started.url}")
        return
    followed = _follow(engine, started, quiet=as_json)
    ticket = followed.merged_into or followed.ticket_id
    brought = made(ticket) if ticket is not None else {}
    if as_json:
        results = [] if ticket is None else host_results(engine, ticket)
        print_json({"action": action, **_row(started, followed), "hosts": results, **brought})
        raise typer.Exit(1 if followed.failed else 0)
    if ticket is not None:
        show(engine, ticket)
    summary = f"{started.title}: {followed.outcome}: {followed.message}"
    if followed.failed:
        raise UserError(summary)
    typer.echo("\n".join([summary, *map(str, brought.values())]))


@dataclass(frozen=True)
class _Started:
    """A started run, and its page in Prefect."""

    title: str
    run: str
    url: str


def _start(action: str, pool: str, parameters: dict[str, Any]) -> _Started:
    from p2ppool.prefect_client.client import PrefectApi
    from p2ppool.settings import settings

    with PrefectApi.open(settings()) as api:
        run = api.start(action, parameters, f"cli {getpass.getuser()}")
    return _Started(f"{action} {pool}", run, f"{settings().prefect_ui_url}/runs/flow-run/{run}")


def _follow(engine: "Engine", started: _Started, *, quiet: bool) -> "Followed":
    from p2ppool.cli.run.follow import follow
    from p2ppool.prefect_client.client import PrefectApi
    from p2ppool.settings import settings

    try:
        with PrefectApi.open(settings()) as api:
            return follow(engine, api, started.run, started.title, quiet=quiet)
    except KeyboardInterrupt:
        typer.echo(f"{started.title} continues: follow or cancel it at {started.url}", err=True)
        raise typer.Exit(130) from None


def _row(started: _Started, followed: "Followed") -> dict[str, Any]:
    return {
        "run": started.run,
        "url": started.url,
        "ticket": followed.ticket_id,
        "outcome": followed.outcome,
        "message": followed.message,
        "merged_into": followed.merged_into,
    }


def check_pool(name: str) -> None:
    """Check that there is such a pool.

    Raises:
        UserError: there is none.
    """
    from p2ppool.cli.terminal.database import store
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        get_pool(work.session, name)
