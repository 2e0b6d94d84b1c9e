"""Asking for an action and following it to its end."""

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from p2ppool.cli.host_results import host_results, print_what_is_to_be_seen
from p2ppool.cli.output import AsJson, print_json
from p2ppool.errors import UserError

if TYPE_CHECKING:  # the command line is there at once, without a database
    from sqlalchemy import Engine

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
    from p2ppool.actions.prefect_api import PrefectApi
    from p2ppool.cli.follow import follow
    from p2ppool.cli.session import store
    from p2ppool.settings import settings

    engine, title = store(), f"{action} {pool}"
    with PrefectApi(settings().prefect_url) as api:
        run = api.start(action, parameters, f"cli {getpass.getuser()}")
        address = _address(run)
        if no_wait:
            answer: dict[str, Any] = {"action": action, "run": run, "url": address}
            print_json(answer) if as_json else typer.echo(f"{title}: asked for, see {address}")
            return
        try:
            followed = follow(engine, api, run, title, quiet=as_json)
        except KeyboardInterrupt:
            typer.echo(f"{title} goes on without you: follow or cancel it at {address}", err=True)
            raise typer.Exit(130) from None
    ticket = followed.merged_into or followed.ticket_id
    brought = made(ticket) if ticket is not None else {}
    if as_json:
        print_json(
            {
                "action": action,
                "run": run,
                "url": address,
                "ticket": followed.ticket_id,
                "outcome": followed.outcome,
                "message": followed.message,
                "merged_into": followed.merged_into,
                "hosts": [] if ticket is None else host_results(engine, ticket),
                **brought,
            }
        )
        raise typer.Exit(1 if followed.failed else 0)
    if ticket is not None:
        show(engine, ticket)
    told = f"{title}: {followed.outcome}: {followed.message}"
    if followed.failed:
        raise UserError(told)
    typer.echo(told)
    for thing in brought.values():
        typer.echo(thing)


def check_pool(name: str) -> None:
    """See that there is such a pool.

    Raises:
        UserError: there is none.
    """
    from p2ppool.cli.session import store
    from p2ppool.pools.register import the_pool
    from p2ppool.store.unit_of_work import reading

    with reading(store()) as work:
        the_pool(work.session, name)


def _address(run: str) -> str:
    from p2ppool.settings import settings

    return f"{settings().prefect_url}/runs/flow-run/{run}"
