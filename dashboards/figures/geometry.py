"""Where nodes and links lie on the ring: plain geometry on the unit circle.

An angle is a *turn*, from 0 to 1, clockwise from twelve o'clock. Lines are SVG path data (SVG 1.1,
chapter 8.3) in the figure's coordinates, with y upwards.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import ceil, cos, pi, sin

from p2ppool.node.address import RING, parse

Point = tuple[float, float]

_STEP = 1 / 96  # of a turn: arcs are drawn as straight pieces of at most this length
_LIFT = (0.045, 0.16)  # how far a lifted arc rises above the ring: at least, and more for half a turn


class Spacing(StrEnum):
    """How nodes are laid out."""

    ADDRESS = "address"
    """By address, so that gaps are as wide as they are."""
    EVEN = "even"
    """In the same order, but evenly, so that crowded addresses don't overlap."""


def turns(addresses: Sequence[str], spacing: Spacing) -> list[float]:
    """The turn of each address; they come in ring order."""
    if spacing is Spacing.EVEN:
        return [place / len(addresses) for place in range(len(addresses))]
    return [parse(address) / RING for address in addresses]


def point(turn: float, radius: float = 1.0) -> Point:
    """The point at that turn."""
    return radius * sin(2 * pi * turn), radius * cos(2 * pi * turn)


def shorter_way(start: float, end: float) -> float:
    """Turns from `start` to `end` on the shorter way round: over -0.5 and up to 0.5, positive clockwise."""
    way = (end - start) % 1.0
    return way if way <= 0.5 else way - 1.0  # noqa: PLR2004 - half a turn


def arc(start: float, end: float) -> str:
    """Along the ring, the shorter way."""
    return _line(point(turn) for turn in _between(start, end))


def lifted(start: float, end: float, least: float = _LIFT[0], pieces: int = 6) -> str:
    """Outside of the ring, the shorter way: up from one node, by `least` radii or more, and down."""
    way = abs(shorter_way(start, end))
    height = least + 2 * _LIFT[1] * way
    stops = _between(start, end, least=pieces)
    last = len(stops) - 1
    return _line(point(turn, 1 + height * sin(pi * at / last)) for at, turn in enumerate(stops))


def chord(start: float, end: float, bend: float = 1.0) -> str:
    """Through the inside, as a quadratic curve that leans the more towards the centre the farther it goes.

    `bend` 0 is a straight line.
    """
    way = shorter_way(start, end)
    middle = start + way / 2
    straight = cos(pi * way)  # the radius at which a straight line passes the middle
    control = point(middle, straight * (1 - bend * abs(way)))
    return f"M{_at(point(start))}Q{_at(control)} {_at(point(end))}"


def _between(start: float, end: float, least: int = 1) -> list[float]:
    way = shorter_way(start, end)
    pieces = max(least, ceil(abs(way) / _STEP))
    return [start + way * piece / pieces for piece in range(pieces + 1)]


def _line(points: Iterable[Point]) -> str:
    return "M" + "L".join(_at(spot) for spot in points)


def _at(spot: Point) -> str:
    return f"{spot[0]:.4f},{spot[1]:.4f}"
