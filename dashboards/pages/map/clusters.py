"""Clusters of points that would overlap on the map; each point is in exactly one cluster.

All numbers are in degrees. On the map a degree of longitude is shorter away from the equator:
`width_of_degree`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, floor, hypot, pi, radians, sin, sqrt
from typing import Final

Point = tuple[float, float]
"""Latitude and longitude."""

_NARROWEST: Final = 0.6
_GOLDEN: Final = pi * (3 - sqrt(5))  # the golden angle, as in sunflowers: no two points lie in line


@dataclass(frozen=True, slots=True)
class Cluster:
    """Points drawn as one; `members` are their indexes, `extent` the largest distance from the middle."""

    latitude: float
    longitude: float
    members: tuple[int, ...]
    extent: float


def clusters(points: Sequence[Point], radius: float) -> list[Cluster]:
    """Group points into clusters, the largest first; none of a cluster is farther than `radius` from its
    seed.

    Clusters start at the places with the most points and take what is near and in no other cluster yet.
    """
    at: defaultdict[Point, list[int]] = defaultdict(list)
    for number, point in enumerate(points):
        at[point].append(number)
    cells = _Cells(at, radius)
    seeds = sorted(at, key=lambda point: (-len(at[point]), point))
    found = [_cluster(seed, near, at) for seed in seeds if (near := cells.take(seed))]
    return sorted(found, key=lambda cluster: (-len(cluster.members), cluster.members))


def spiral(centre: Point, count: int, step: float) -> list[Point]:
    """Return so many points around the centre, evenly dense, about `step` apart."""
    latitude, longitude = centre
    wide = width_of_degree(latitude)
    spots = ((step * sqrt(number) * 0.6, number * _GOLDEN) for number in range(count))
    return [
        (
            max(-89.9, min(89.9, latitude + far * sin(angle))),
            _around(longitude + far * cos(angle) / wide),
        )
        for far, angle in spots
    ]


def width_of_degree(latitude: float) -> float:
    """Return the width of a degree of longitude, 1 at the equator, as in the natural earth projection
    (Patterson).
    """
    return max(_NARROWEST, 1 - 0.1515 * radians(latitude) ** 2)


def apart(one: Point, other: Point) -> float:
    """Return the distance on the map, in degrees at the equator, the shorter way around the earth."""
    across = _around(other[1] - one[1]) * width_of_degree((one[0] + other[0]) / 2)
    return hypot(other[0] - one[0], across)


def _around(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


class _Cells:
    """Places by squares of the map, to find neighbours quickly."""

    def __init__(self, places: Iterable[Point], radius: float) -> None:
        self._radius = radius
        self._columns = max(1, floor(360 / (radius / _NARROWEST)))
        self._cells: defaultdict[tuple[int, int], list[Point]] = defaultdict(list)
        for place in places:
            self._cells[self._cell(place)].append(place)

    def take(self, seed: Point) -> list[Point]:
        """Remove and return the places within the radius; none if the seed itself was removed before."""
        if seed not in self._cells[self._cell(seed)]:
            return []
        near: list[Point] = []
        for cell in self._around(seed):
            cell_points = self._cells[cell]
            near += (place for place in cell_points if apart(seed, place) <= self._radius)
            self._cells[cell] = [place for place in cell_points if apart(seed, place) > self._radius]
        return near

    def _around(self, place: Point) -> Iterator[tuple[int, int]]:
        row, column = self._cell(place)
        columns = {(column + step) % self._columns for step in (-1, 0, 1)}
        return ((row + step, other) for step in (-1, 0, 1) for other in sorted(columns))

    def _cell(self, place: Point) -> tuple[int, int]:
        column = floor((_around(place[1]) + 180) / 360 * self._columns)
        return floor(place[0] / self._radius), column % self._columns


def _cluster(seed: Point, places: list[Point], at: dict[Point, list[int]]) -> Cluster:
    members = sorted(number for place in places for number in at[place])
    weights = [len(at[place]) for place in places]
    north = sum(weight * place[0] for weight, place in zip(weights, places, strict=True)) / len(members)
    east = sum(
        weight * _around(place[1] - seed[1]) for weight, place in zip(weights, places, strict=True)
    ) / len(members)
    middle = (north, _around(seed[1] + east)) if len(places) > 1 else seed
    return Cluster(*middle, tuple(members), max(apart(middle, place) for place in places))
