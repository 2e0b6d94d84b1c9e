"""The findings of one crawl, as sums."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self

from p2ppool.store.models import Snapshot


def and_others(number: int) -> str:
    """Say how many nodes answered besides a pool's own; empty if none."""
    return f", and {number} that {'is' if number == 1 else 'are'} not the pool's own" if number else ""


@dataclass(frozen=True, kw_only=True)
class SnapshotSummary:
    """One crawl without its nodes; `seconds` is its duration, `reason` says why it is incomplete.

    `downsampled` tells that its nodes' samples were deleted because of its age (see `retention`).
    """

    id: int
    started_at: datetime
    seconds: float
    complete: bool
    reason: str
    expected: int
    answered: int
    silent: int
    ghosts: int
    left_over: int
    consistency: float | None
    retries: int
    downsampled: bool = False
    others: int = 0
    """Of the nodes that answered, those that are not the pool's own, as members of groups."""

    @property
    def own(self) -> int:
        """The pool's own nodes that answered."""
        return self.answered - self.others

    @property
    def and_others(self) -> str:
        """What to add to the number of the pool's own nodes; empty if they were alone."""
        return and_others(self.others)

    @classmethod
    def of(cls, row: Snapshot) -> Self:
        """Build the summary from a row of the database."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})
