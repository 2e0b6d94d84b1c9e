"""`p2ppool pool take-over`."""

import getpass
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.run.start import Name
from p2ppool.cli.terminal.output import AsJson, print_json
from p2ppool.errors import UserError

if TYPE_CHECKING:
    from p2ppool.pools.rollout.take_over import LaterTurn


def take_over(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take over a pool whose hosts refuse this manager because another one has acted on them since."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.rollout.take_over import find_later_turn
    from p2ppool.pools.rollout.take_over import take_over as take
    from p2ppool.settings import settings
    from p2ppool.store.unit_of_work import UnitOfWork

    with UnitOfWork(store()) as work:
        later = find_later_turn(work.session, name, settings())
        if not yes:
            _ask(later)
        take(work.session, later, f"cli {getpass.getuser()}")
        work.commit()
    if as_json:
        print_json(asdict(later))
    else:
        typer.echo(f"pool {name} taken over: its next turn is {later.there + 1}. Run a check now")


def _ask(later: "LaterTurn") -> None:
    """Say what it means, and ask.

    Raises:
        UserError: the answer is no, or there is no terminal to ask.
    """
    typer.echo(
        f"Hosts of pool {later.pool} have seen turn {later.there}; the last one in this database is "
        f"{later.here}.\nEither another manager acts on the pool, or this database is an old copy.\n"
        "Once taken over, the hosts refuse the other manager; the next check replaces what it installed.",
        err=True,
    )
    if not sys.stdin.isatty():
        raise UserError("nobody to ask: give --yes")
    if not typer.confirm("Take it over?", err=True):
        raise UserError("nothing was changed")
