"""`p2ppool pool place-host`."""

import getpass
from typing import Annotated

import typer

from p2ppool.cli.run.start import Name
from p2ppool.cli.terminal.output import AsJson, print_json
from p2ppool.errors import UserError


def place_host(
    pool: Name,
    host_name: Annotated[str, typer.Argument(metavar="HOST", help="The host's name or address.")],
    coordinates: Annotated[
        str | None, typer.Argument(metavar="LAT,LON", help="Degrees north and east, such as 48.14,11.58.")
    ] = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help="The place's name, for people.")] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Remove the place.")] = False,
    as_json: AsJson = False,
) -> None:
    """Set where a host is on the map; this overrides what is known about its address."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.pools.definition.host_places import forget_place, set_place
    from p2ppool.records.pools import get_pool
    from p2ppool.store.unit_of_work import UnitOfWork

    if (coordinates is None) is not forget:
        raise UserError("give either LAT,LON or --forget")
    who = f"cli {getpass.getuser()}"
    with UnitOfWork(store()) as work:
        found = get_pool(work.session, pool)
        place = None
        if coordinates is None:
            forget_place(work.session, found, host_name, who)
        else:
            place = set_place(work.session, found, host_name, coordinates, label=label, who=who)
        work.commit()
    if as_json:
        print_json({"pool": pool, "host": host_name, "place": place})
    else:
        typer.echo(f"host {host_name}: " + (f"placed at {place['label']}" if place else "place removed"))
