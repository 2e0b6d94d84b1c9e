"""waitress's server with bounded connections: a client that exceeds its share loses its own oldest one."""

import logging
import time
from collections import Counter
from typing import Any, ClassVar, Final

from waitress.server import TcpWSGIServer

from dashboards.serving.bounds import Bounds
from dashboards.serving.channel import Channel

_LOG: Final = logging.getLogger("p2ppool.server")
_REPORT: Final = 60.0  # seconds between two lines about closed connections


class BoundedServer(TcpWSGIServer):  # type: ignore[misc] # waitress has no types
    """A listening socket and its connections."""

    bounds: ClassVar[Bounds]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._doomed: list[Channel] = []
        self._closed: Counter[str] = Counter()
        self._reported_at = time.monotonic()
        super().__init__(*arguments, **options)

    def readable(self) -> bool:
        """Close what must be closed before the loop polls, then tell whether to accept connections.

        Not at any other time: the loop may still have an event of a closed one, and would give it to the one
        that got its number.
        """
        for channel in self._doomed:
            channel.handle_close()
        self._doomed.clear()
        return bool(super().readable())

    def handle_accept(self) -> None:
        """Accept a connection, and make room for it."""
        before = set(self.active_channels)
        super().handle_accept()
        for number in set(self.active_channels) - before:
            self._make_room(self.active_channels[number])

    def maintenance(self, now: float) -> None:  # noqa: ARG002 - waitress's
        """Close the connections of clients that are too slow."""
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.is_too_slow(moment):
                self._closed["too slow"] += 1
                channel.handle_close()
        self._report(moment)

    def _make_room(self, new: Channel) -> None:
        channels = [each for each in self.active_channels.values() if each not in self._doomed]
        own = [each for each in channels if each.client == new.client]
        if len(own) > self.bounds.per_address and new.client != self.bounds.exempt:
            self._doom(own, new)
        elif len(channels) > self.bounds.connections:
            shares = Counter(each.client for each in channels if not each.is_working)
            largest = max(shares, key=lambda client: shares[client])
            self._doom([each for each in channels if each.client == largest], new)

    def _doom(self, channels: list[Channel], new: Channel) -> None:
        """Choose the connection that has been waiting longest; if all are at work, the new one goes."""
        waiting = [each for each in channels if each is not new and not each.is_working]
        chosen = min(waiting, key=lambda each: each.waiting_since, default=new)
        self._doomed.append(chosen)
        self._closed["too many"] += 1

    def _report(self, moment: float) -> None:
        if self._closed and moment - self._reported_at >= _REPORT:
            _LOG.warning(
                "closed %d connections of slow clients and %d of clients with too many",
                self._closed["too slow"],
                self._closed["too many"],
            )
            self._closed.clear()
            self._reported_at = moment
