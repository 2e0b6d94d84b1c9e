"""Invented locations for the demo's hosts, so that its map is not empty: they all are on this machine."""

from typing import Final

from sqlalchemy import Engine

from p2ppool.pools.definition.host_places import set_place
from p2ppool.records.pools import get_pool
from p2ppool.store.unit_of_work import UnitOfWork

PLACES: Final = (
    ("29.65,-82.32", "Gainesville"),
    ("52.52,13.4", "Berlin"),
    ("35.68,139.69", "Tokyo"),
    ("-23.55,-46.63", "São Paulo"),
    ("-33.87,151.21", "Sydney"),
    ("-1.29,36.82", "Nairobi"),
    ("19.08,72.88", "Mumbai"),
    ("47.61,-122.33", "Seattle"),
)


def place_hosts(engine: Engine, pool_name: str) -> None:
    """Spread the pool's hosts over the world; each location is labelled as invented."""
    with UnitOfWork(engine) as work:
        pool = get_pool(work.session, pool_name)
        for number, host in enumerate(pool.hosts):
            coordinates, city = PLACES[number % len(PLACES)]
            set_place(
                work.session,
                pool,
                host.address,
                coordinates,
                label=f"{city} (made up by the demo)",
                who="demo",
            )
        work.commit()
