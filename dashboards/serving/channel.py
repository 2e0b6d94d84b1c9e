"""A client's connection, with deadlines: for the head, the body and the answer of each request.

waitress reads requests and sends answers without threads, so a slow client costs a socket and some memory.
Its own timeout begins anew with every byte; here a client must move a minimum of bytes.
"""

import time
from typing import Any, ClassVar

from waitress.channel import HTTPChannel

from dashboards.serving.bounds import Bounds, client_of


class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """A connection that the server closes when its client is too slow."""

    bounds: ClassVar[Bounds]

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002 - waitress's
        self.client = client_of(str(addr[0])) if addr else ""
        self.waiting_since = self._checked_at = time.monotonic()
        self._moved = self._checked_moved = 0
        self._was = ""
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def is_working(self) -> bool:
        """Whether a whole request is being answered."""
        return bool(self.requests) or self.total_outbufs_len > 0

    def readable(self) -> bool:
        """Tell the loop whether to read; a connection that was just closed must not be polled."""
        return bool(self.connected and super().readable())

    def writable(self) -> bool:
        """Tell the loop whether to write."""
        return bool(self.connected and super().writable())

    def recv(self, buffer_size: int) -> bytes:
        """Read, and count what came."""
        data: bytes = super().recv(buffer_size)
        self.moved(len(data))
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress's
        """Send, and count what went."""
        sent: int = super().send(data, do_close=do_close)
        self.moved(sent)
        return sent

    def moved(self, count: int) -> None:
        """Count bytes that came or went."""
        self._moved += count

    def received(self, data: bytes) -> bool:
        """Take data in; a request that begins with it starts the clock of its head."""
        if self.request is None:
            self.waiting_since = time.monotonic()
        return bool(super().received(data))

    def is_too_slow(self, moment: float) -> bool:
        """Tell whether the client has exceeded a deadline at that moment of the monotonic clock."""
        does = self._doing()
        if does != self._was:
            self._was, self._checked_at, self._checked_moved = does, moment, self._moved
            if does == "idle":
                self.waiting_since = moment
        if does in {"head", "handshake"}:
            return moment - self.waiting_since > self.bounds.head
        if does == "idle":
            return moment - self.waiting_since > self.bounds.idle
        return does in {"body", "answer"} and self._lags(moment)

    def _doing(self) -> str:
        if self.total_outbufs_len:
            return "answer"
        if self.requests:
            return "working"
        if self.request is not None:
            return "body" if self.request.headers_finished else "head"
        return "idle" if self._moved else "handshake"

    def _lags(self, moment: float) -> bool:
        """Tell whether too little moved in the last window of time."""
        seconds = moment - self._checked_at
        if seconds < self.bounds.head:
            return False
        moved = self._moved - self._checked_moved
        self._checked_at, self._checked_moved = moment, self._moved
        return moved < self.bounds.slowest * seconds
