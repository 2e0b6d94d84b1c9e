"""Nodes and hosts clustered for one view of the map."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from dashboards.pages.map.clusters import Cluster, Point, clusters
from dashboards.pages.map.viewport import Viewport
from p2ppool.reports.nodes.nodes import Health

_RADIUS: Final = 42  # px; what is nearer is put together
_SPREAD_FROM: Final = 24.0  # scale
_SPREAD_MOST: Final = 300  # nodes of one place that are drawn one by one
_ONE_PLACE: Final = 4  # px; what is no farther apart is drawn as of one place


@dataclass(frozen=True, slots=True)
class Spot:
    """One mark on the map.

    Attributes:
        nodes: their indexes in the frame of nodes.
        hosts: likewise for hosts.
        extent: degrees from the middle to the farthest.
        spread: the nodes share a place, and there is room to draw each.
    """

    point: Point
    nodes: tuple[int, ...]
    hosts: tuple[int, ...]
    extent: float
    spread: bool

    @property
    def target(self) -> tuple[float, float, float]:
        """The place that a click selects: latitude, longitude, extent."""
        return (round(self.point[0], 4), round(self.point[1], 4), round(self.extent, 4))


@dataclass(frozen=True)
class Gathered:
    """The rows of the frames, and the visible marks for them."""

    nodes: Sequence[Mapping[Any, Any]]
    hosts: Sequence[Mapping[Any, Any]]
    spots: Sequence[Spot]

    def nodes_of(self, spot: Spot) -> list[Mapping[Any, Any]]:
        """Return the rows of its nodes."""
        return [self.nodes[number] for number in spot.nodes]

    def hosts_of(self, spot: Spot) -> list[Mapping[Any, Any]]:
        """Return the rows of its hosts."""
        return [self.hosts[number] for number in spot.hosts]

    def counts(self, spot: Spot) -> Counter[Health]:
        """Count its nodes by health."""
        return Counter(self.nodes[number]["health"] for number in spot.nodes)

    def worst(self, spot: Spot) -> Health:
        """Return the most frequent health status of its nodes other than consistent."""
        counts = self.counts(spot)
        del counts[Health.CONSISTENT]
        return counts.most_common(1)[0][0] if counts else Health.CONSISTENT


def gathered(nodes: pd.DataFrame, hosts: pd.DataFrame, view: Viewport) -> Gathered:
    """Build all visible marks; every node and host whose place is near the view is in exactly one."""
    points = [*_points(nodes), *_points(hosts)]
    found = clusters(points, _RADIUS * view.degrees_per_pixel)
    spots = [_spot(cluster, len(nodes), view) for cluster in found]
    shown = [spot for spot in spots if view.shows(*spot.point)]
    return Gathered(nodes.to_dict("records"), hosts.to_dict("records"), shown)


def _points(frame: pd.DataFrame) -> Sequence[Point]:
    return list(zip(frame["latitude"].tolist(), frame["longitude"].tolist(), strict=True))


def _spot(cluster: Cluster, nodes: int, view: Viewport) -> Spot:
    of_nodes = tuple(number for number in cluster.members if number < nodes)
    one_place = cluster.extent <= _ONE_PLACE * view.degrees_per_pixel
    return Spot(
        point=(cluster.latitude, cluster.longitude),
        nodes=of_nodes,
        hosts=tuple(number - nodes for number in cluster.members if number >= nodes),
        extent=cluster.extent,
        spread=one_place and view.scale >= _SPREAD_FROM and 1 < len(of_nodes) <= _SPREAD_MOST,
    )
