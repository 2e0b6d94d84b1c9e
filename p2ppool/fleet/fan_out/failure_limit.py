"""How many hosts may fail before a fan-out is stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from p2ppool.cancel import CancelToken
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome


@dataclass(frozen=True, slots=True)
class FailureLimit:
    """A share and a number; more failures than either are too many. Unreachable hosts count as failed.

    Attributes:
        total: hosts of the whole undertaking.
        percent: of them that may fail.
        count: that may fail; None: any number.
    """

    total: int
    percent: int = 100
    count: int | None = None

    def exceeded(self, failed: int) -> bool:
        """Whether so many are too many."""
        return failed * 100 > self.total * self.percent or (self.count is not None and failed > self.count)

    def __str__(self) -> str:
        """For the sentence “more than … failed”."""
        share = f"{self.percent} % of {self.total} hosts"
        return share if self.count is None else f"{self.count} hosts or {share}"


NO_LIMIT: Final = FailureLimit(0)


class FailureCounter:
    """Counts failures as they come, over one fan-out or several, and cancels when there are too many.

    `cancel` is what a fan-out listens to; it is also set when `outer` is.
    """

    def __init__(self, limit: FailureLimit, outer: CancelToken) -> None:
        """Nothing has failed yet."""
        self.cancel = CancelToken()
        self._limit = limit
        self._failed = 0
        outer.on_cancel(lambda: self.cancel.cancel(outer.reason))

    def look(self, outcomes: Iterable[HostOutcome]) -> None:
        """These hosts have ended too."""
        self._failed += count_failures(outcomes)
        if self._limit.total and self._limit.exceeded(self._failed) and not self.cancel.cancelled:
            self.cancel.cancel(f"more than {self._limit} failed")


def count_failures(outcomes: Iterable[HostOutcome]) -> int:
    """Those that failed, not those that were cut off or never begun."""
    return sum(outcome.error not in {None, ErrorKind.CANCELLED} for outcome in outcomes)
