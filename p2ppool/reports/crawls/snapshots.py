"""The findings of one crawl, as sums."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self

from p2ppool.store.models import Snapshot


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

    @classmethod
    def of(cls, row: Snapshot) -> Self:
        """Build the summary from a row of the database."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})
