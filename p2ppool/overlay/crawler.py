"""The crawl: a walk over neighbours from the local node until no new address turns up.

Its design follows from the cost of a dead node. A call to one ends only by our own time-out, and the gateway
continues it for half a minute in one of its threads: with 8 / 32 / 100 such calls pending, a healthy call
waits for up to 2 / 10 / 27 s (measured on Brunet). So

- the first round asks every address once. `workers` calls run at a time, but one that is slower than any
healthy answer is suspected and gives its place to the next, so that healthy calls continue while the
suspected ones wait for their time-out side by side. Beyond `SUSPECTS` of them the crawl waits rather than
overload the gateway; - silent nodes are asked again in one last round, up to `SUSPECTS` side by side, those
asked latest first: the gateway was busiest then, so they are the likeliest to be alive. A gateway that is
short of threads starts calls late, and a time-out then says nothing about the node. So the local node is
asked after them, and their time-out counts from its answer: by then the gateway has started them all.

Up to `SUSPECTS` dead nodes thus cost two time-outs together, one in each round, instead of one each.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from p2ppool.overlay.ask import NodeOutcome, ask, ask_local
from p2ppool.overlay.calls import PendingCalls
from p2ppool.overlay.discovery import Discovery
from p2ppool.overlay.gateway import Gateway
from p2ppool.overlay.snapshot import Crawl, CutShort, NodeState

SUSPECTS = 32
"""PendingCalls to probably dead nodes that may be pending at a time."""

GATEWAY_DELAY = 30.0
"""Seconds that a gateway short of threads may take to start the calls of the last round."""


@dataclass(frozen=True)
class CrawlLimits:
    """Limits of one crawl.

    Attributes:
        workers: calls at a time, without those to suspected nodes.
        timeout: seconds for an answer in the first round.
        last_round_timeout: seconds for an answer in the last round.
        deadline: seconds for the whole crawl.
        max_nodes: the largest number of addresses.

    Raises:
        ValueError: one of them is not positive.
    """

    workers: int = 16
    timeout: float = 3.0
    last_round_timeout: float = 3.0
    deadline: float = 300.0
    max_nodes: int = 20_000

    def __post_init__(self) -> None:
        if (
            min(self.workers, self.max_nodes) < 1
            or min(self.timeout, self.last_round_timeout, self.deadline) <= 0
        ):
            raise ValueError(f"limits of a crawl are positive: {self}")


@dataclass(frozen=True)
class CrawlProgress:
    """The progress of a crawl.

    Attributes:
        known: addresses found so far.
        answered: those of them that answered.
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
    remembered: Collection[str] = (),
) -> Crawl:
    """Walk over the overlay that `gateway` belongs to.

    Args:
        gateway: its connections are dropped when the crawl ends; it can be used again.
        limits: limits of the crawl.
        cancel: once set, the crawl returns promptly with what it has.
        on_progress: called in the caller's thread whenever answers arrive.
        remembered: addresses that answered last time. They are asked even if no node names them any more, so
            that a node that died and was forgotten by the repaired ring is reported instead of just missing.

    Returns:
        The result, even if the crawl was cut short.

    Raises:
        GatewayError: the local node itself did not answer, so there was nothing to begin with.
    """
    crawler = _Crawler(gateway, limits or CrawlLimits(), cancel or threading.Event(), on_progress)
    return crawler.run(remembered)


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

    def run(self, remembered: Collection[str]) -> Crawl:
        started_at = datetime.now(UTC)
        with PendingCalls(self._gateway, self._limits.workers + SUSPECTS) as calls:
            calls.start(partial(ask_local, self._gateway))
            self._first_round(calls, remembered)
        self._last_round()
        seconds = time.monotonic() - self._started
        return Crawl(started_at, seconds, self._found.nodes(), self._why_partial())

    def _first_round(self, calls: PendingCalls, remembered: Collection[str]) -> None:
        """Ask every node once: the local node, the nodes that it names,
        the nodes that those name, and so on.
        """
        waiting: deque[str] = deque()
        while (waiting or calls.pending) and not self._has_to_end():
            while waiting and calls.room(self._limits.workers):
                calls.start(partial(ask, self._gateway, waiting.popleft(), self._limits.timeout))
            for outcome in calls.finished():
                waiting.extend(self._take(outcome))
                waiting.extend(self._found.remember(remembered))
                remembered = ()

    def _last_round(self) -> None:
        waiting = deque(reversed(self._found.unanswered()))
        while waiting and not self._has_to_end():
            batch = [waiting.popleft() for _ in range(min(SUSPECTS, len(waiting)))]
            waiting.extend(self._ask_again(batch))

    def _ask_again(self, batch: list[str]) -> list[str]:
        """Ask all of `batch` side by side; return the addresses that were not known before."""
        named: list[str] = []
        unreachable = set(batch)
        timeout = self._limits.last_round_timeout + GATEWAY_DELAY
        start, until = time.monotonic(), math.inf
        with PendingCalls(self._gateway, SUSPECTS + 1) as calls:
            for address in (*batch, self._found.local):
                calls.start(partial(ask, self._gateway, address, timeout))
            while unreachable and time.monotonic() < until and not self._has_to_end():
                for outcome in calls.finished():
                    if outcome.address not in unreachable:  # the local node's
                        until = time.monotonic() + self._limits.last_round_timeout
                        continue
                    unreachable.remove(outcome.address)
                    named += self._take(outcome)
        if not self._ended_by:
            self._take_silence(unreachable, time.monotonic() - start)
        return named

    def _take_silence(self, unreachable: set[str], seconds: float) -> None:
        error = f"no answer within {self._limits.last_round_timeout:g} s"
        for address in unreachable:
            self._take(NodeOutcome(address, NodeState.SILENT, seconds, error=error))

    def _take(self, outcome: NodeOutcome) -> list[str]:
        """Record an outcome; return the addresses that no node had named before."""
        named = self._found.record(outcome)
        self._report()
        return named

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
