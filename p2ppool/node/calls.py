"""Pending calls of this node: sent again, since UDP loses packets, then given up."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional

from .wire import Reply, Request

REPLY_TIMEOUT = 3.0
"""Seconds after which a call counts as unanswered. Real Brunet takes 14 to 34 s."""
SEND_AGAIN_AFTER = (0.6, 1.8)
"""The second is late enough for the ring to route around a node that died on the path."""
MOST_CALLS = 512

Done = Callable[[Optional[Reply]], None]


class _Call:
    __slots__ = ("begun", "done", "request", "sent")

    def __init__(self, request: Request, done: Done, now: float) -> None:
        self.request = request
        self.done = done
        self.begun = now
        self.sent = 0


class Calls:
    """The pending calls, by id. The methods called only read, so running one twice does no harm."""

    def __init__(self) -> None:
        self._calls: Dict[str, _Call] = {}

    def begin(self, request: Request, done: Done, now: float) -> bool:
        """Wait for the reply to `request`; return False if too many calls are waiting already."""
        if len(self._calls) >= MOST_CALLS:
            return False
        self._calls[request.id] = _Call(request, done, now)
        return True

    def end(self, reply: Reply) -> None:
        """Pass `reply` to its caller; a second one for the same call is ignored."""
        call = self._calls.pop(reply.id, None)
        if call:
            call.done(reply)

    def due(self, now: float) -> List[Request]:
        """Return the requests to send again now. Those that waited too long end without a reply."""
        again = []
        for key, call in list(self._calls.items()):
            waited = now - call.begun
            if waited >= REPLY_TIMEOUT:
                del self._calls[key]
                call.done(None)
            elif call.sent < len(SEND_AGAIN_AFTER) and waited >= SEND_AGAIN_AFTER[call.sent]:
                call.sent += 1
                again.append(call.request)
        return again
