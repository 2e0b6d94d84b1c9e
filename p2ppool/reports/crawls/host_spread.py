"""The number of hosts measured during crawls, and how much of their CPU and memory was in use."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from sqlalchemy import Double, Label, Select, SQLColumnExpression, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from p2ppool.reports.frames import frame_of
from p2ppool.store.models import HostSample

_MEMORY: Final = 1 - cast(HostSample.memory_free, Double) / func.nullif(HostSample.memory_total, 0)

SPREADS: Final[Mapping[str, SQLColumnExpression[Any]]] = MappingProxyType(
    {"cpu": HostSample.cpu, "memory": _MEMORY}
)
"""Shares, 0 … 1: of all cores that were busy, and of the memory in use."""


def host_points(session: Session, numbered: Subquery) -> pd.DataFrame:
    """Return a row for each `point` that has samples, of the crawls in `numbered` (`ticket_id`, `point`).

    `hosts`, `hosts_low`, `hosts_high` count the hosts measured during one crawl: mean, minimum and maximum. A
    crawl without any is left out: its samples may have been deleted since. For each of `SPREADS` there are
    the mean over all samples of the point's crawls, their standard deviation in `_spread` (of the whole
    population: the root of E[x²] - E[x]²), the minimum and the maximum.
    """
    # Joined here: SQLite would scan all crawls for each crawl.
    sums = frame_of(session, _sums_of_crawls(numbered))
    if sums.empty:
        return pd.DataFrame({"point": []})
    places = frame_of(session, select(numbered.c.ticket_id, numbered.c.point)).dropna()
    points = places.astype(float).merge(sums.astype(float), on="ticket_id").groupby("point")
    hosts = points["hosts"]
    columns = {"hosts": hosts.mean(), "hosts_low": hosts.min(), "hosts_high": hosts.max()}
    for name in SPREADS:
        columns |= _spread(points, name)
    return pd.DataFrame(columns).reset_index()


def _sums_of_crawls(numbered: Subquery) -> Select[Any]:
    """Sum by ticket: the table has this order, so SQLite need not sort what may be millions of rows."""
    return (
        select(
            HostSample.ticket_id,
            func.count().label("hosts"),
            *(part for name, value in SPREADS.items() for part in _sums(value, name)),
        )
        .where(HostSample.ticket_id.in_(select(numbered.c.ticket_id)))
        .group_by(HostSample.ticket_id)
    )


def _sums(value: SQLColumnExpression[Any], name: str) -> tuple[Label[Any], ...]:
    return (
        func.count(value).label(f"{name}_count"),
        func.sum(value).label(f"{name}_sum"),
        func.sum(value * value).label(f"{name}_squares"),
        func.min(value).label(f"{name}_low"),
        func.max(value).label(f"{name}_high"),
    )


def _spread(points: Any, name: str) -> dict[str, "pd.Series[float]"]:
    count, total, squares = (points[f"{name}_{part}"].sum() for part in ("count", "sum", "squares"))
    mean = total / count  # NaN without values
    variance = (squares / count - mean * mean).clip(lower=0)  # rounding can make it slightly negative
    return {
        name: mean,
        f"{name}_spread": variance**0.5,
        f"{name}_low": points[f"{name}_low"].min(),
        f"{name}_high": points[f"{name}_high"].max(),
    }
