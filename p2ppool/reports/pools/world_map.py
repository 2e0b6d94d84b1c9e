"""The locations of pools' nodes and hosts; those without a location are kept, with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, and_, select

from p2ppool.places.geolocation import Geolocation
from p2ppool.places.place import Place, by_hand
from p2ppool.reports.last import last_result_of_host
from p2ppool.reports.nodes.last_samples import last_samples
from p2ppool.reports.pools.changes import fingerprint_of
from p2ppool.reports.pools.pools import PoolReport
from p2ppool.store.models import Host, HostResult, HostState, Pool
from p2ppool.store.unit_of_work import reading

PLACE: Final = ("latitude", "longitude", "label", "country", "source", "precision", "unplaced")
"""Columns of a location; `unplaced` is the reason for its absence, or None."""

NODES: Final = ("pool", "address", "health", "host", "local", "ip", "ip_namespace", "consistency", *PLACE)
"""Columns of the nodes."""

HOSTS: Final = ("pool", "name", "address", "state", "error", *PLACE)
"""Columns of the hosts; `error` is the kind of error of the last action, None for success."""


@dataclass(frozen=True)
class World:
    """Frames with one row for each node of the pools' last crawls, and for each of their hosts."""

    nodes: pd.DataFrame
    hosts: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class PlacedHost:
    """A host, and the location that a manager has entered, or None."""

    pool: str
    name: str
    address: str
    state: HostState
    error: str | None
    by_hand: Place | None


def placed_hosts(engine: Engine, pool_names: Iterable[str]) -> list[PlacedHost]:
    """List the hosts of these pools in the order in which they were added."""
    last = and_(HostResult.host_id == Host.id, HostResult.ticket_id == last_result_of_host())
    statement = (
        select(Pool.name, Host, HostResult.error)
        .join(Pool, Pool.id == Host.pool_id)
        .outerjoin(HostResult, last)
        .where(Pool.name.in_(list(pool_names)), Host.state.not_in([HostState.GONE, HostState.JUMP]))
        .order_by(Host.id)
    )
    with reading(engine) as work:
        return [_placed(*row) for row in work.session.execute(statement)]


def world(engine: Engine, pools: Iterable[PoolReport], where: Geolocation) -> World:
    """Locate nodes and hosts of these pools; a node is where its host is, if a manager has entered that."""
    pools = list(pools)
    hosts = placed_hosts(engine, (pool.name for pool in pools))
    of_pool: dict[str, list[PlacedHost]] = {pool.name: [] for pool in pools}
    for host in hosts:
        of_pool[host.pool].append(host)
    nodes = [
        row for pool in pools if pool.snapshot for row in _nodes(engine, pool, of_pool[pool.name], where)
    ]
    return World(_frame(nodes, NODES), _frame([_host(host, where) for host in hosts], HOSTS))


def fingerprint_of_map(engine: Engine, pools: Iterable[PoolReport]) -> str:
    """Return a fingerprint that changes with these pools' crawls, descriptions, hosts and locations."""
    pools = list(pools)
    summaries = [(pool.name, pool.description, pool.state, pool.snapshot) for pool in pools]
    return fingerprint_of((summaries, placed_hosts(engine, (pool.name for pool in pools))))


def _placed(pool: str, host: Host, error: str | None) -> PlacedHost:
    return PlacedHost(
        pool=pool,
        name=host.name,
        address=host.address,
        state=host.state,
        error=error,
        by_hand=by_hand(host.latitude, host.longitude, host.place_label),
    )


def _host(host: PlacedHost, where: Geolocation) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(host, name) for name in HOSTS if name not in PLACE}
    return row | _columns_of(where, host.address, None, host.by_hand)


def _nodes(
    engine: Engine, pool: PoolReport, hosts: list[PlacedHost], where: Geolocation
) -> Iterable[dict[str, Any]]:
    assert pool.snapshot is not None  # noqa: S101 - checked by the caller
    by_hand = {host.address: host.by_hand for host in reversed(hosts) if host.by_hand}
    for sample in last_samples(engine, pool.id, pool.snapshot):
        place = _columns_of(where, sample["ip"], sample["geo_loc"], by_hand.get(sample["ip"]))
        yield {"pool": pool.name, **sample, **place}


def _columns_of(
    where: Geolocation, ip: str | None, geo_loc: str | None, by_hand: Place | None
) -> dict[str, Any]:
    found = where.find(ip, geo_loc, by_hand)
    if isinstance(found, Place):
        return {name: getattr(found, name, None) for name in PLACE}
    return {**dict.fromkeys(PLACE), "unplaced": found}


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    # With dtype object, an unknown text stays None instead of becoming NaN.
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return frame.astype({"latitude": "float64", "longitude": "float64"})
