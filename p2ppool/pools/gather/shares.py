"""Dividing what one run may bring among its hosts, while nobody knows yet how much each has."""

import threading


class Shares:
    """Bytes that many threads draw from and give back to; never more is out than there is.

    Each host is sure of its part of what is left, however much those before it took.
    """

    def __init__(self, total: int, hosts: int, most: int) -> None:
        """`total` bytes for so many hosts, and for none more than `most`."""
        self._lock = threading.Lock()
        self._free = total
        self._waiting = hosts
        self._most = most

    def draw(self) -> int:
        """The bytes that the next host may have."""
        with self._lock:
            share = min(self._most, self._free // max(self._waiting, 1))
            self._waiting -= 1
            self._free -= share
            return share

    def give_back(self, unused: int) -> None:
        """What a host did not need."""
        with self._lock:
            self._free += unused
