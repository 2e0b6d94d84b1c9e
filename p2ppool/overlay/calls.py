"""Concurrent calls to nodes in threads, with the time for which each has been pending."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Self

from p2ppool.overlay.ask import NodeOutcome
from p2ppool.overlay.gateway import Gateway

SUSPECT_AFTER = 0.5
"""Seconds after which a pending call is suspected to go to a dead node. Healthy ones take 2-45 ms."""

_POLL = 0.05
"""Seconds between checks of what may end a crawl from outside."""


class PendingCalls:
    """At most `limit` pending calls through one gateway.

    Leaving the context drops pending calls at once, by closing the gateway's connections. A thread that is
    just connecting ends by its own time-out, and nobody waits for it.
    """

    def __init__(self, gateway: Gateway, limit: int) -> None:
        self._gateway = gateway
        self._threads = ThreadPoolExecutor(limit, "crawl")
        self._limit = limit
        self._since: dict[Future[NodeOutcome], float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._gateway.disconnect()

    @property
    def pending(self) -> int:
        return len(self._since)

    def room(self, workers: int) -> bool:
        """Return whether another call may start if at most `workers` unsuspected calls may be pending."""
        suspect_since = time.monotonic() - SUSPECT_AFTER
        fresh = sum(since > suspect_since for since in self._since.values())
        return fresh < workers and len(self._since) < self._limit

    def start(self, call: Callable[[], NodeOutcome]) -> None:
        """Begin `call` in a thread of its own."""
        self._since[self._threads.submit(call)] = time.monotonic()

    def finished(self) -> list[NodeOutcome]:
        """Return the outcomes of the calls that ended since the last time; wait briefly for the first one.

        Raises:
            GatewayError: a call raised it.
        """
        done, _ = wait(self._since, _POLL, FIRST_COMPLETED)
        for future in done:
            del self._since[future]
        return [future.result() for future in done]
