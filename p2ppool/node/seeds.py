"""The nodes to ask when joining: the RemoteTAs, a few at random at a time, with back-off."""

from __future__ import annotations

import random
from typing import List

from .wire import Endpoint

HANDFUL = 3
FIRST_PAUSE = 0.2
GROWTH = 1.5
LONGEST_PAUSE = 8.0
"""Seconds. A joined node keeps asking, so that rings that formed apart find each other."""
LONGEST_PAUSE_ALONE = 2.0


class Seeds:
    """Decides when to ask which of `endpoints` (a list that may grow while names are being resolved)."""

    def __init__(self, endpoints: List[Endpoint], chance: random.Random) -> None:
        self._endpoints = endpoints
        self._chance = chance
        self._pause = FIRST_PAUSE
        self._next = 0.0

    def due(self, now: float, *, alone: bool) -> List[Endpoint]:
        """Return the endpoints to ask now: mostly none."""
        if now < self._next:
            return []
        longest = LONGEST_PAUSE_ALONE if alone else LONGEST_PAUSE
        pause = min(self._pause, longest)
        self._pause = min(self._pause * GROWTH, LONGEST_PAUSE)
        self._next = now + pause * self._chance.uniform(0.75, 1.25)
        return self._chance.sample(self._endpoints, min(HANDFUL, len(self._endpoints)))

    def hurry(self, now: float) -> None:
        """Start over, because all peers are lost."""
        self._pause = FIRST_PAUSE
        self._next = now
