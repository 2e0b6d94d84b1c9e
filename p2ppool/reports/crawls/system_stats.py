"""The history of a pool: its crawls and the measurements of its hosts during them, as points to draw.

A year has more crawls than a screen has pixels. So several successive crawls make one point: each of its
numbers is the mean of theirs, with minimum and maximum beside it, so that no dip vanishes.
"""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Double, Engine, Label, Select, case, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from p2ppool.reports.crawls.host_spread import SPREADS, host_points
from p2ppool.reports.frames import frame_of
from p2ppool.reports.period import ALWAYS, Period
from p2ppool.store.models import Pool, Snapshot
from p2ppool.store.unit_of_work import reading

MOST_POINTS: Final = 400
"""Points in one figure: about one for every three pixels of a wide screen."""

MEASURES: Final = (
    "expected",
    "answered",
    "silent",
    "ghosts",
    "left_over",
    "consistency",
    "retries",
    "cons",
    "tcp",
    "udp",
    "tunnel",
    "sas",
    "seconds",
)
"""The counts of a crawl, by the names of `Snapshot`."""

_RANGED: Final = (*MEASURES, "hosts")
POINT_COLUMNS: Final = (
    *("start", "end", "crawls", "partial"),
    *(f"{name}{end}" for name in _RANGED for end in ("", "_low", "_high")),
    *(f"{name}{end}" for name in SPREADS for end in ("", "_spread", "_low", "_high")),
)
CRAWL_COLUMNS: Final = (
    *("started_at", "complete", *_RANGED),
    *(f"{name}{end}" for name in SPREADS for end in ("", "_spread")),
)


@dataclass(frozen=True, kw_only=True)
class Series:
    """A pool's crawls in a period, as points.

    Attributes:
        crawls: the number of crawls.
        per_point: crawls in each point; the last point may have fewer.
        points: a frame with `POINT_COLUMNS` in the order of time. `start` and `end` are the times when the
            first and the last crawl of the point began, `crawls` is their number, `partial` the number of
            them that were cut short. Each of `MEASURES` and `hosts` (hosts measured during a crawl) is a
            mean, with the minimum and maximum of the crawls in `_low` and `_high`. For CPU and memory see
            `p2ppool.reports.crawls.host_spread`. Unknown values are NaN.
    """

    crawls: int
    per_point: int
    points: pd.DataFrame


def last_crawls(engine: Engine, pool_name: str, count: int, within: Period = ALWAYS) -> Period:
    """Return the end of `within` that holds the pool's last `count` crawls; all of it if there are fewer."""
    query = (
        select(Snapshot.started_at)
        .join(Pool, Pool.id == Snapshot.pool_id)
        .where(*_in(pool_name, within))
        .order_by(Snapshot.started_at.desc(), Snapshot.id.desc())
        .offset(count - 1)
        .limit(1)
    )
    with reading(engine) as work:
        return Period(work.session.scalar(query) or within.start, within.end)


def crawl_series(engine: Engine, pool_name: str, period: Period, most: int = MOST_POINTS) -> Series:
    """Return the pool's crawls that began in the period, in at most `most` points."""
    counting = select(func.count()).select_from(Snapshot).join(Pool, Pool.id == Snapshot.pool_id)
    with reading(engine) as work:
        crawls = work.session.scalar(counting.where(*_in(pool_name, period))) or 0
        per_point = max(1, -(-crawls // most))
        points = _points(work.session, _numbered(pool_name, period, per_point))
    return Series(crawls=crawls, per_point=per_point, points=points)


def crawl_rows(engine: Engine, pool_name: str, period: Period, limit: int) -> pd.DataFrame:
    """Return the last `limit` crawls that began in the period,
    the latest first, as a frame with `CRAWL_COLUMNS`.

    Its values are those of a point of one crawl; `complete` is false if the crawl was cut short.
    """
    latest = last_crawls(engine, pool_name, limit, period)
    with reading(engine) as work:
        points = _points(work.session, _numbered(pool_name, latest, 1))
    rows = points.assign(started_at=points["start"], complete=points["partial"] == 0)
    return rows[list(CRAWL_COLUMNS)].iloc[::-1].head(limit).reset_index(drop=True)


def _in(pool_name: str, period: Period) -> list[ColumnElement[bool]]:
    conditions = [Pool.name == pool_name]
    if period.start is not None:
        conditions.append(Snapshot.started_at >= period.start)
    if period.end is not None:
        conditions.append(Snapshot.started_at < period.end)
    return conditions


def _numbered(pool_name: str, period: Period, per_point: int) -> Subquery:
    """Select the crawls with the numbers of their points, by counting, as databases differ in times."""
    place = func.row_number().over(order_by=(Snapshot.started_at, Snapshot.id)) - 1
    return (
        select(
            Snapshot.id,
            Snapshot.ticket_id,
            Snapshot.started_at,
            Snapshot.complete,
            *(getattr(Snapshot, name) for name in MEASURES),
            # Without a division: databases differ in the result for integers.
            (place - place % per_point).label("point"),
        )
        .join(Pool, Pool.id == Snapshot.pool_id)
        .where(*_in(pool_name, period))
        .subquery()
    )


def _points(session: Session, numbered: Subquery) -> pd.DataFrame:
    crawls = frame_of(session, _crawl_points(numbered))
    joined = crawls.merge(host_points(session, numbered), on="point", how="left") if len(crawls) else crawls
    found = joined.reindex(columns=list(POINT_COLUMNS))
    # A column of only None would get dtype object in pandas.
    return found.astype(dict.fromkeys(POINT_COLUMNS[4:], float) | {"crawls": int, "partial": int})


def _crawl_points(numbered: Subquery) -> Select[Any]:
    crawl = numbered.c
    return (
        select(
            crawl.point,
            func.min(crawl.started_at).label("start"),
            func.max(crawl.started_at).label("end"),
            func.count().label("crawls"),
            func.sum(case((crawl.complete, 0), else_=1)).label("partial"),
            *(part for name in MEASURES for part in _range(crawl[name], name)),
        )
        .group_by(crawl.point)
        .order_by(crawl.point)
    )


def _range(column: ColumnElement[Any], name: str) -> tuple[Label[Any], ...]:
    return (
        func.avg(cast(column, Double)).label(name),
        func.min(column).label(f"{name}_low"),
        func.max(column).label(f"{name}_high"),
    )
