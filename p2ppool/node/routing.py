"""Greedy routing: each hop hands on to its peer nearest to the target; the nearest node of all answers."""

from __future__ import annotations

from typing import Iterable, Optional

from . import address


def next_hop(own: int, target: int, peers: Iterable[int]) -> Optional[int]:
    """The peer that is nearest to `target` and nearer than `own`; None when `own` is the nearest.

    Each hop is strictly nearer than the one before, so a packet cannot go in circles while tables hold still.
    """
    nearest = min(peers, key=lambda peer: address.distance(peer, target), default=own)
    return nearest if address.distance(nearest, target) < address.distance(own, target) else None
