"""`p2ppool actions` and `p2ppool cancel`."""

import getpass
from typing import Annotated

import typer

from p2ppool.cli.terminal.output import AsJson, print_json, print_rows


def actions(
    pool: Annotated[str | None, typer.Option(metavar="NAME", help="Show only this pool.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Number of ended actions.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the action that holds each pool, the queue behind it, and past actions."""
    from p2ppool.cli.run.queue_table import action_row, action_rows
    from p2ppool.cli.run.start import check_pool
    from p2ppool.cli.terminal.database import store
    from p2ppool.reports.actions.queue import action_reports

    if pool is not None:
        check_pool(pool)
    found = action_reports(store(), pool, limit)
    if as_json:
        print_json([action_row(report) for report in found])
    else:
        print_rows(action_rows(found), as_json=False, empty="no actions yet")


def cancel(
    ticket: Annotated[int, typer.Argument(metavar="TICKET", help="Number of the ticket.")],
    as_json: AsJson = False,
) -> None:
    """Cancel an action: a waiting one ends at once, a running one stops and reports how far it came."""
    from p2ppool.actions.cancelling import cancel_ticket
    from p2ppool.cli.terminal.database import store

    found = cancel_ticket(store(), ticket, f"cli {getpass.getuser()}")
    if as_json:
        print_json({"ticket": found.id, "state": found.state.value, "message": found.message})
    else:
        ended = found.message if found.state.ended else "is being cancelled"
        typer.echo(f"{found.action} (ticket {found.id}): {ended}")
