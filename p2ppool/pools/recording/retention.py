"""Which crawls keep the samples of their nodes: all for some days, then one an hour, then one a day.

Snapshots themselves, the sums over all nodes, always stay.
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
    """How long samples are kept.

    Attributes:
        all: for this time those of every crawl; None: for ever.
        hourly: for this time those of one crawl an hour, after it those of one a day (both in UTC).
    """

    all: timedelta | None
    hourly: timedelta

    @classmethod
    def of(cls, config: Settings) -> "Retention":
        """As the settings say."""
        days = config.keep_all_days
        return cls(timedelta(days=days) if days else None, timedelta(days=config.keep_hourly_days))

    def end_of_all(self, at: datetime) -> datetime | None:
        """Crawls from then on keep their samples, whatever else there is; None: all do."""
        return None if self.all is None else at - self.all

    def hour_or_day(self, started_at: datetime, at: datetime) -> str:
        """What the crawl shares with those of which only one keeps its samples."""
        return f"{started_at:{_HOURLY if started_at >= at - self.hourly else _DAILY}}"


@dataclass(frozen=True)
class Crawled:
    """One crawl that still has its samples."""

    id: int
    started_at: datetime
    complete: bool

    @property
    def goodness(self) -> tuple[bool, datetime, int]:
        """The least is kept: one that was not cut short, else the first."""
        return not self.complete, self.started_at, self.id


def outdated(crawls: Iterable[Crawled], retention: Retention, at: datetime) -> list[int]:
    """Ids of the crawls of one pool that keep their samples no longer at that moment, the oldest first.

    The last crawl keeps them always: it is what the pages show. Asked each day or once a year, the same stay.
    """
    found = sorted(crawls, key=lambda crawl: (crawl.started_at, crawl.id))
    end = retention.end_of_all(at)
    if end is None:
        return []
    old = [crawl for crawl in found[:-1] if crawl.started_at < end]
    best: dict[str, Crawled] = {}
    for crawl in sorted(old, key=lambda crawl: crawl.goodness):
        best.setdefault(retention.hour_or_day(crawl.started_at, at), crawl)
    kept = {crawl.id for crawl in best.values()}
    return [crawl.id for crawl in old if crawl.id not in kept]
