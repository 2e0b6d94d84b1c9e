"""The crawl: a walk over neighbours from the local node until no new address turns up.

What a dead node costs shapes it. A call to one ends only by our own time-out, and the gateway goes on
with it for half a minute, holding one of its threads: with 8 / 32 / 100 such calls pending, a healthy
call waits for up to 2 / 10 / 27 s (measured on Brunet). So

- the first round asks every address once. `workers` calls run at a time, but one that is slower than any
  healthy answer is suspected and gives its place to the next, so that the healthy go on while the
  suspects wait out their time-out side by side. Beyond `SUSPECTS` of them the crawl waits rather than
  bury the gateway;
- whoever was silent is asked again in one last round, when nothing healthy is left to be delayed, again
  `SUSPECTS` at a time. Those asked latest come first: the gateway was busiest then, so they are the
  likeliest to be alive.

Up to `SUSPECTS` dead nodes thus cost two time-outs together, one in each round, and not one each.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from p2ppool.overlay.ask import ask, ask_local
from p2ppool.overlay.calls import Calls
from p2ppool.overlay.discovery import Discovery
from p2ppool.overlay.gateway import Gateway
from p2ppool.overlay.snapshot import Crawl, CutShort, NodeState

SUSPECTS = 32
"""Calls to probably dead nodes that may wait at a time."""


@dataclass(frozen=True)
class CrawlLimits:
    """Bounds of one crawl.

    Attributes:
        workers: calls at a time, those to suspected nodes not counted.
        timeout: seconds for an answer in the first round.
        last_round_timeout: seconds for an answer in the last round.
        deadline: seconds for the whole crawl.
        max_nodes: addresses that are looked at.
    """

    workers: int = 16
    timeout: float = 3.0
    last_round_timeout: float = 3.0
    deadline: float = 300.0
    max_nodes: int = 20_000


@dataclass(frozen=True)
class CrawlProgress:
    """How far a crawl has come.

    Attributes:
        known: addresses found so far.
        answered: of them, those that answered.
        silent: those that did not, though they may in the last round.
        ghosts: those for which another node answered.
    """

    known: int
    answered: int
    silent: int
    ghosts: int


def crawl(
    gateway: Gateway,
    limits: CrawlLimits | None = None,
    cancel: threading.Event | None = None,
    on_progress: Callable[[CrawlProgress], None] | None = None,
) -> Crawl:
    """Walk over the overlay that `gateway` belongs to.

    Args:
        gateway: its connections are dropped when the crawl ends; it can be used again.
        limits: bounds of the crawl.
        cancel: once set, the crawl returns within a moment with what it has.
        on_progress: called in the caller's thread, whenever answers came.

    Returns:
        What was found, also where the crawl was cut short.

    Raises:
        GatewayError: the local node itself did not answer, so there was nothing to begin with.
    """
    return _Crawler(gateway, limits or CrawlLimits(), cancel or threading.Event(), on_progress).run()


class _Crawler:
    def __init__(
        self,
        gateway: Gateway,
        limits: CrawlLimits,
        cancel: threading.Event,
        on_progress: Callable[[CrawlProgress], None] | None,
    ) -> None:
        self._gateway = gateway
        self._limits = limits
        self._cancel = cancel
        self._on_progress = on_progress
        self._found = Discovery(limits.max_nodes)
        self._started = time.monotonic()
        self._ended_by: CutShort | str = ""

    def run(self) -> Crawl:
        started_at = datetime.now(UTC)
        limits = self._limits
        with Calls(self._gateway, limits.workers + SUSPECTS) as calls:
            calls.start(partial(ask_local, self._gateway))
            self._round(calls, deque(), limits.workers, limits.timeout)
        suspects = deque(reversed(self._found.unanswered()))
        with Calls(self._gateway, SUSPECTS) as calls:
            self._round(calls, suspects, SUSPECTS, limits.last_round_timeout)
        seconds = time.monotonic() - self._started
        return Crawl(started_at, seconds, self._found.nodes(), self._why_partial())

    def _round(self, calls: Calls, waiting: deque[str], workers: int, timeout: float) -> None:
        """Ask all that wait, and those whom they name, until nobody is left or the crawl has to end."""
        while (waiting or calls.pending) and not self._has_to_end():
            while waiting and calls.room(workers):
                calls.start(partial(ask, self._gateway, waiting.popleft(), timeout))
            for outcome in calls.finished():
                waiting.extend(self._found.record(outcome))
                self._report()

    def _has_to_end(self) -> bool:
        if self._cancel.is_set():
            self._ended_by = CutShort.CANCELLED
        elif time.monotonic() - self._started >= self._limits.deadline:
            self._ended_by = CutShort.DEADLINE
        return bool(self._ended_by)

    def _why_partial(self) -> CutShort | str:
        if self._ended_by:
            return self._ended_by
        if self._found.overflowed:
            return CutShort.MAX_NODES
        return CutShort.GATEWAY if self._found.count(NodeState.LEFT_OVER) else ""

    def _report(self) -> None:
        if self._on_progress is None:
            return
        found = self._found
        self._on_progress(
            CrawlProgress(
                known=len(found),
                answered=found.count(NodeState.ANSWERED),
                silent=found.count(NodeState.SILENT),
                ghosts=found.count(NodeState.GHOST),
            )
        )
