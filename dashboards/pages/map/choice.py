"""The visitor's filters on the map, and the nodes and hosts that match them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from dash import Input

from dashboards.pages.map.ids import HEALTH, HOSTS, NAMESPACES, NODES, POOLS, SHOWN
from dashboards.web import context
from p2ppool.places.geolocation import geolocation
from p2ppool.reports.nodes.nodes import Health
from p2ppool.reports.pools.pools import PoolReport, pools
from p2ppool.reports.pools.world_map import world

CHOICE: dict[str, Input] = {
    "names": Input(POOLS, "value"),
    "namespaces": Input(NAMESPACES, "value"),
    "healths": Input(HEALTH, "value"),
    "shown": Input(SHOWN, "value"),
}
"""The inputs of callbacks that draw the selection."""


@dataclass(frozen=True)
class Selection:
    """The selected pools, nodes and hosts.

    Attributes:
        pools: the chosen ones.
        nodes: from p2ppool.reports.pools.world_map; including those without a place.
        hosts: likewise.
        healths: the number of nodes by health, before filtering by it.
        namespaces: the IP namespaces of the pools' nodes, "" for nodes that reported none.
        problem: why the geo database is not used; empty: all is well.
    """

    pools: list[PoolReport]
    nodes: pd.DataFrame
    hosts: pd.DataFrame
    healths: Counter[Health]
    namespaces: list[str]
    problem: str

    @property
    def placed_nodes(self) -> pd.DataFrame:
        """The nodes with a place."""
        return self.nodes[self.nodes["unplaced"].isna()]

    @property
    def placed_hosts(self) -> pd.DataFrame:
        """The hosts with a place."""
        return self.hosts[self.hosts["unplaced"].isna()]


def chosen_pools(names: Sequence[str] | None) -> list[PoolReport]:
    """Return the pools of these names; all if none is named."""
    every = pools(context.engine())
    return [pool for pool in every if pool.name in names] if names else every


def selected(
    *,
    names: list[str] | None,
    namespaces: list[str] | None,
    healths: list[str] | None,
    shown: list[str] | None,
) -> Selection:
    """Return the selection for the values of `CHOICE`."""
    chosen = chosen_pools(names)
    where = geolocation(context.settings().geo_database)
    found = world(context.engine(), chosen, where)
    nodes, reported = found.nodes, found.nodes["ip_namespace"].fillna("")
    if namespaces:
        nodes = nodes[reported.isin(namespaces)]
    left = nodes[nodes["health"].isin(healths or [])]
    show = shown or []
    return Selection(
        pools=chosen,
        nodes=left if NODES in show else left.iloc[:0],
        hosts=found.hosts if HOSTS in show else found.hosts.iloc[:0],
        healths=Counter(nodes["health"]),
        namespaces=sorted(set(reported)),
        problem=where.problem,
    )
