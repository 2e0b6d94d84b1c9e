"""Shortcuts across the ring, chosen as in Kleinberg's small world: often near, rarely far.

With about log2(n) of them, greedy routing needs few hops (Symphony, Manku et al. 2003).
"""

from __future__ import annotations

import math
import random
from typing import Iterable, Optional

from . import address
from .links import NEAR
from .wire import Peer

MOST = 16
FEWEST_NODES = 2 * NEAR + 2
"""In a smaller ring each node knows all others as neighbours."""


def needed(size: int) -> int:
    """Return how many shortcuts a node keeps in a ring of `size` nodes."""
    return min(MOST, int(math.log2(size)) - 2) if size >= FEWEST_NODES else 0


def draw_target(own: int, size: int, chance: random.Random) -> int:
    """Draw the target of a shortcut, evenly by the logarithm of its distance and beyond the neighbours."""
    share = (NEAR / size) ** chance.random()
    return (own + int(share * address.RING)) % address.RING


class Search:
    """The search for the node nearest to `target`:
    each node asked names nearer ones, until one names none.
    """

    def __init__(self, target: int) -> None:
        self.target = target

    def nearer(self, asked: int, named: Iterable[Peer]) -> Optional[Peer]:
        """Return the peer to ask next after `asked` has named others;
        None if `asked` itself is the nearest.
        """
        best = min(named, key=lambda peer: address.distance(peer.address, self.target), default=None)
        if best is None:
            return None
        closer = address.distance(best.address, self.target) < address.distance(asked, self.target)
        return best if closer else None
