"""Consistency: how well the nodes of a ring agree on their neighbours.

1.0 is perfect; a DHT works above 0.95. The consistency of a node is the mean of up to four bits: does my
left, left2, right, right2 neighbour name me back as its right, right2, left, left2? A bit is

- true or false if the position exists and the neighbour was asked; also false if I name nobody or myself, or
if the neighbour is silent or a ghost; - not counted (None) if the position cannot exist (left and right need
a ring of two, left2 and right2 one of three), or if the neighbour was never asked, as in a crawl that was cut
short.

A node alone on its ring has 1.0. A node that others still name but that is silent or a ghost has 0. A node
without any counted bit has none.

The consistency of a pool is the mean over the nodes that have one. So eight nodes of which one has just been
killed have 0.75: of the seven live ones, four miss one bit each (3 + 4 * 0.75 = 6), and the dead one counts
0.

Consistency is not completeness: two halves of a split ring have 1.0 each. Compare with the expected number of
nodes.
"""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import NamedTuple

from p2ppool.overlay.answer import Neighbours

Bits = tuple[bool | None, bool | None, bool | None, bool | None]
"""Left, left2, right, right2."""

NO_BITS: Bits = (None, None, None, None)

_RING_NEEDED = (2, 3, 2, 3)
_OPPOSITE = (2, 3, 0, 1)


class NodeConsistency(NamedTuple):
    """The result of a crawl for one node's place on the ring."""

    bits: Bits
    consistency: float | None


def judge(neighbours: Mapping[str, Neighbours | None]) -> dict[str, NodeConsistency]:
    """Return the consistency of every address in `neighbours`.

    Args:
        neighbours: the neighbours that each names, or None for silent nodes and ghosts. Nodes never asked are
            absent.
    """
    size = _ring_size(neighbours)
    return {
        address: NodeConsistency(NO_BITS, 0.0) if own is None else _consistency_of(own, neighbours, size)
        for address, own in neighbours.items()
    }


def of_pool(nodes: Iterable[float | None]) -> float | None:
    """Return the mean of the nodes' consistencies; None if there are none."""
    counted = [node for node in nodes if node is not None]
    return fmean(counted) if counted else None


def _ring_size(neighbours: Mapping[str, Neighbours | None]) -> int:
    named = {name for own in neighbours.values() if own for name in own.ring if name}
    return len(named | neighbours.keys())


def _consistency_of(
    own: Neighbours, neighbours: Mapping[str, Neighbours | None], size: int
) -> NodeConsistency:
    if size == 1:
        return NodeConsistency(NO_BITS, 1.0)
    left, left2, right, right2 = (_bit(own, position, neighbours, size) for position in range(4))
    bits = (left, left2, right, right2)
    return NodeConsistency(bits, of_pool(bits))


def _bit(
    own: Neighbours, position: int, neighbours: Mapping[str, Neighbours | None], size: int
) -> bool | None:
    name = own.ring[position]
    if size < _RING_NEEDED[position]:
        return None
    if name is None or name == own.own:
        return False
    if name not in neighbours:
        return None
    theirs = neighbours[name]
    return theirs is not None and theirs.ring[_OPPOSITE[position]] == own.own
