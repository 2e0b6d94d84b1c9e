"""The number of hosts that may fail before a fan-out is stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from p2ppool.cancel import CancelToken
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome


@dataclass(frozen=True, slots=True)
class FailureLimit:
    """A percentage and a count; exceeding either is too many. Unreachable hosts count as failed.

    Attributes:
        total: number of hosts in the whole action.
        percent: percentage of them that may fail.
        count: number of them that may fail; None for no limit.
    """

    total: int
    percent: int = 100
    count: int | None = None

    def exceeded(self, failed: int) -> bool:
        """Return whether this many failures are too many."""
        return failed * 100 > self.total * self.percent or (self.count is not None and failed > self.count)

    def __str__(self) -> str:
        """Complete the sentence “more than … failed”."""
        share = f"{self.percent} % of {self.total} hosts"
        return share if self.count is None else f"{self.count} hosts or {share}"


NO_LIMIT: Final = FailureLimit(0)


class FailureCounter:
    """Counts failures as they happen, over one or several fan-outs, and cancels when there are too many.

    Fan-outs listen to `cancel`; it is also set when `outer` is.
    """

    def __init__(self, limit: FailureLimit, outer: CancelToken) -> None:
        """Start with no failures."""
        self.cancel = CancelToken()
        self._limit = limit
        self._failed = 0
        outer.on_cancel(lambda: self.cancel.cancel(outer.reason))

    def count(self, outcomes: Iterable[HostOutcome]) -> None:
        """Add the failures among hosts that have ended."""
        self._failed += count_failures(outcomes)
        if self._limit.total and self._limit.exceeded(self._failed) and not self.cancel.cancelled:
            self.cancel.cancel(f"more than {self._limit} failed")


def count_failures(outcomes: Iterable[HostOutcome]) -> int:
    """Count the hosts that failed, without those that were cancelled or never started."""
    return sum(outcome.error not in {None, ErrorKind.CANCELLED} for outcome in outcomes)
