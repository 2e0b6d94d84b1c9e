"""Decides which crawls keep their nodes' samples: all for some days, then one an hour, then one a day.

Snapshots themselves, the sums over all nodes, are always kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from p2ppool.settings import Settings

_HOURLY: Final = "%Y-%m-%d %H"
_DAILY: Final = "%Y-%m-%d"


@dataclass(frozen=True)
class Retention:
    """The periods for which samples are kept.

    Attributes:
        all: for this time, those of every crawl; None: forever.
        hourly: for this time, those of one crawl an hour; after it, those of one a day (both in UTC).
    """

    all: timedelta | None
    hourly: timedelta

    @classmethod
    def of(cls, config: Settings) -> "Retention":
        """Read the periods from the settings."""
        days = config.keep_all_days
        return cls(timedelta(days=days) if days else None, timedelta(days=config.keep_hourly_days))

    def end_of_all(self, at: datetime) -> datetime | None:
        """Return the time from which all crawls keep their samples; None: all do."""
        return None if self.all is None else at - self.all

    def hour_or_day(self, started_at: datetime, at: datetime) -> str:
        """Return the hour or day of the crawl; only one crawl of each keeps its samples."""
        return f"{started_at:{_HOURLY if started_at >= at - self.hourly else _DAILY}}"


@dataclass(frozen=True)
class StoredCrawl:
    """One crawl that still has its samples."""

    id: int
    started_at: datetime
    complete: bool

    @property
    def preference(self) -> tuple[bool, datetime, int]:
        """A sort key; the smallest is kept: a complete crawl first, then the earliest."""
        return not self.complete, self.started_at, self.id


def outdated(crawls: Iterable[StoredCrawl], retention: Retention, at: datetime) -> list[int]:
    """Return the ids of one pool's crawls whose samples are to be deleted at that moment, oldest first.

    The last crawl always keeps them, since the pages show it. The result is the same run daily or once a
    year.
    """
    found = sorted(crawls, key=lambda crawl: (crawl.started_at, crawl.id))
    end = retention.end_of_all(at)
    if end is None:
        return []
    old = [crawl for crawl in found[:-1] if crawl.started_at < end]
    best: dict[str, StoredCrawl] = {}
    for crawl in sorted(old, key=lambda crawl: crawl.preference):
        best.setdefault(retention.hour_or_day(crawl.started_at, at), crawl)
    kept = {crawl.id for crawl in best.values()}
    return [crawl.id for crawl in old if crawl.id not in kept]
