"""The order of other nodes on the ring, seen from one node."""

from __future__ import annotations

import bisect
from typing import Dict, Iterable, List, Optional

from . import address


class Table:
    """Addresses sorted by their steps leftward from `own`, which is never among them."""

    def __init__(self, own: int) -> None:
        self._own = own
        self._steps: List[int] = []

    def __len__(self) -> int:
        return len(self._steps)

    def __contains__(self, node: int) -> bool:
        steps = address.leftward(self._own, node)
        place = bisect.bisect_left(self._steps, steps)
        return place < len(self._steps) and self._steps[place] == steps

    def add(self, node: int) -> None:
        """Insert `node`; nothing changes if it is there already or is the own address."""
        if node != self._own and node not in self:
            bisect.insort(self._steps, address.leftward(self._own, node))

    def discard(self, node: int) -> None:
        """Remove `node`, if it is there."""
        if node in self:
            self._steps.remove(address.leftward(self._own, node))

    def left(self, count: int) -> List[int]:
        """List up to `count` nearest nodes on the left, nearest first."""
        return [self._node(steps) for steps in self._steps[:count]]

    def right(self, count: int) -> List[int]:
        """List up to `count` nearest nodes on the right, nearest first."""
        return [self._node(steps) for steps in reversed(self._steps[-count:])]

    def would_be_near(self, node: int, count: int) -> bool:
        """Return whether `node`, once added, is among the `count` nearest of a side."""
        if node == self._own:
            return False
        if len(self._steps) < 2 * count:
            return True
        steps = address.leftward(self._own, node)
        return steps <= self._steps[count - 1] or steps >= self._steps[-count]

    def around(self, target: int, count: int) -> List[int]:
        """List up to `count` nodes on each side of `target` (including itself if it is in the table),
        each once.
        """
        if len(self._steps) <= 2 * count:
            return self.left(len(self._steps))
        place = bisect.bisect_left(self._steps, address.leftward(self._own, target))
        turning = self._steps * 3
        middle = len(self._steps) + place
        return [self._node(steps) for steps in turning[middle - count : middle + count]]

    def neighbors(self) -> Dict[str, int]:
        """Return the ring neighbours under Brunet's names;
        with one node there is no second, with none the result is {}.
        """
        if not self._steps:
            return {}
        names = {"left": self._node(self._steps[0]), "right": self._node(self._steps[-1])}
        if len(self._steps) > 1:
            names["left2"] = self._node(self._steps[1])
            names["right2"] = self._node(self._steps[-2])
        return names

    def _node(self, steps: int) -> int:
        return (self._own + steps) % address.RING


def next_hop(own: int, target: int, peers: Iterable[int]) -> Optional[int]:
    """Return the peer that is nearest to `target` and nearer than `own`; None if `own` is the nearest.

    Each hop is strictly nearer than the one before, so a packet cannot loop while tables do not change.
    """
    nearest = min(peers, key=lambda peer: address.distance(peer, target), default=own)
    return nearest if address.distance(nearest, target) < address.distance(own, target) else None
