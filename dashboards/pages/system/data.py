"""The data of the page: read from the database once for all parts that show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Engine

from dashboards.components.period_picker import Choice, choice
from dashboards.pages.system.figure import Shown
from dashboards.web import context
from p2ppool.reports.actions.annotations import AnnotationKind, annotations
from p2ppool.reports.crawls.system_stats import Series, crawl_series, last_crawls
from p2ppool.reports.period import Period
from p2ppool.reports.pools.changes import fingerprint_of_past
from p2ppool.reports.pools.pools import exists
from p2ppool.store.types import now

_KEPT: Final = 16  # a year's series takes a second to read, and the theme does not affect it


@dataclass(frozen=True)
class SystemView:
    """The pool to compare with (None: none), and the kinds of actions to mark."""

    other: str | None
    kinds: tuple[AnnotationKind, ...]

    @classmethod
    def of(cls, name: str, query: Mapping[str, Any]) -> "SystemView":
        """Read it from a URL or the store; unknown names are left out."""
        other = str(query.get("compare") or "")
        known = other != name and exists(context.engine(), other)
        return cls(other if known else None, _kinds(query.get("marks")))

    def query(self) -> dict[str, str | None]:
        """Return it as the URL has it; all kinds need no parameter."""
        kinds = ",".join(self.kinds) or "none"
        return {"compare": self.other, "marks": None if self.kinds == tuple(AnnotationKind) else kinds}


def window(name: str, data: Mapping[str, Any]) -> Period:
    """Return the period of the picker's store for this pool; to the minute, so that it can be cached."""
    wanted: Choice = choice(data, now().replace(second=0, microsecond=0))
    if wanted.crawls is None:
        return wanted.period
    return last_crawls(context.engine(), name, wanted.crawls, wanted.period)


def shown(name: str, data: Mapping[str, Any], view: SystemView) -> Shown | None:
    """Return what the figure shows; None: no crawl started in that period."""
    engine, period = context.engine(), window(name, data)
    series = series_of(name, period)
    if not series.crawls:
        return None
    actions = annotations(engine, name, period, view.kinds)
    first, last = series.points["start"].iloc[0], series.points["end"].iloc[-1]
    return Shown(
        name=name,
        series=series,
        annotations=actions,
        start=period.start or min([first, *(annotation.at for annotation in actions[:1])]),
        end=period.end or max([last, *(annotation.at for annotation in actions[-1:])]),
        other_name=view.other,
        other=series_of(view.other, period) if view.other else None,
    )


def series_of(name: str, period: Period) -> Series:
    """Return the crawls of that pool in that period, up to date."""
    engine = context.engine()
    return _series(engine, name, period, fingerprint_of_past(engine, name))


@lru_cache(maxsize=_KEPT)
def _series(engine: Engine, name: str, period: Period, _mark: str) -> Series:
    return crawl_series(engine, name, period)


def _kinds(text: object) -> tuple[AnnotationKind, ...]:
    if not text:
        return tuple(AnnotationKind)
    wanted = set(str(text).split(","))
    return tuple(kind for kind in AnnotationKind if kind in wanted)
