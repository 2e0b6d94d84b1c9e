"""Geometry of nodes and links on the ring, on the unit circle.

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
    """The layout of the nodes."""

    ADDRESS = "address"
    """By address, so that gaps are drawn at their real size."""
    EVEN = "even"
    """In the same order, but evenly spaced, so that crowded addresses don't overlap."""


def turns(addresses: Sequence[str], spacing: Spacing) -> list[float]:
    """Return the turn of each address; they come in ring order."""
    if spacing is Spacing.EVEN:
        return [place / len(addresses) for place in range(len(addresses))]
    return [parse(address) / RING for address in addresses]


def point(turn: float, radius: float = 1.0) -> Point:
    """Return the point at that turn."""
    return radius * sin(2 * pi * turn), radius * cos(2 * pi * turn)


def shorter_arc(start: float, end: float) -> float:
    """Return the turns from `start` to `end` the shorter way: over -0.5 up to 0.5, positive clockwise."""
    length = (end - start) % 1.0
    return length if length <= 0.5 else length - 1.0  # noqa: PLR2004 - half a turn


def arc(start: float, end: float) -> str:
    """Draw a line along the ring, the shorter way."""
    return _line(point(turn) for turn in _between(start, end))


def lifted(start: float, end: float, least: float = _LIFT[0], pieces: int = 6) -> str:
    """Draw a line outside the ring, the shorter way: up from one node, by `least` radii or more, and down."""
    length = abs(shorter_arc(start, end))
    height = least + 2 * _LIFT[1] * length
    stops = _between(start, end, least=pieces)
    last = len(stops) - 1
    return _line(point(turn, 1 + height * sin(pi * at / last)) for at, turn in enumerate(stops))


def chord(start: float, end: float, bend: float = 1.0) -> str:
    """Draw a quadratic curve through the inside, which bends more towards the centre the longer it is.

    `bend` 0 is a straight line.
    """
    length = shorter_arc(start, end)
    middle = start + length / 2
    straight = cos(pi * length)  # the radius at which a straight line passes the middle
    control = point(middle, straight * (1 - bend * abs(length)))
    return f"M{_at(point(start))}Q{_at(control)} {_at(point(end))}"


def _between(start: float, end: float, least: int = 1) -> list[float]:
    length = shorter_arc(start, end)
    pieces = max(least, ceil(abs(length) / _STEP))
    return [start + length * piece / pieces for piece in range(pieces + 1)]


def _line(points: Iterable[Point]) -> str:
    return "M" + "L".join(_at(spot) for spot in points)


def _at(spot: Point) -> str:
    return f"{spot[0]:.4f},{spot[1]:.4f}"
