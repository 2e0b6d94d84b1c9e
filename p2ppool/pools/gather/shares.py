"""Divides the bytes that one run may fetch among its hosts, while their needs are still unknown."""

import threading


class Shares:
    """Bytes that many threads draw and return; never more is drawn than there is.

    Each host is guaranteed its share of what is left, however much the hosts before it took.
    """

    def __init__(self, total: int, hosts: int, most: int) -> None:
        """Divide `total` bytes among so many hosts, at most `most` for each."""
        self._lock = threading.Lock()
        self._free = total
        self._waiting = hosts
        self._most = most

    def draw(self) -> int:
        """Return the number of bytes that the next host may use."""
        with self._lock:
            share = min(self._most, self._free // max(self._waiting, 1))
            self._waiting -= 1
            self._free -= share
            return share

    def give_back(self, unused: int) -> None:
        """Return the bytes that a host did not need."""
        with self._lock:
            self._free += unused
