"""A pool over time: points of one or of many crawls, from which no extreme is lost."""

import math
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import fmean, pstdev

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from p2ppool.reports.crawls.system_stats import (
    CRAWL_COLUMNS,
    MEASURES,
    POINT_COLUMNS,
    crawl_rows,
    crawl_series,
    last_crawls,
)
from p2ppool.reports.period import ALWAYS, Period
from tests.lab.past.history import a_bare_pool, a_crawl
from tests.lab.past.weeks import a_past, crawls_at, samples_beside

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
names = (f"pool{number}" for number in count())

shares = st.none() | st.integers(0, 1000).map(lambda number: number / 1000)
crawled = st.tuples(st.integers(0, 50), shares, st.lists(shares, max_size=3))


def hours(number):
    return [START + HOUR * place for place in range(number)]


def test_a_few_crawls_are_a_point_each_with_all_that_was_counted(engine):
    a_bare_pool(engine)
    columns = {name: [5, 3] for name in MEASURES} | {"consistency": [1.0, None]}
    crawls_at(engine, "demo", hours(2), **columns)
    series = crawl_series(engine, "demo", ALWAYS)
    assert (series.crawls, series.per_point) == (2, 1)
    first, second = series.points.to_dict("records")
    assert tuple(first) == POINT_COLUMNS
    assert (first["start"], first["end"]) == (START, START)
    assert [first[name] for name in MEASURES] == [1.0 if name == "consistency" else 5 for name in MEASURES]
    assert (second["answered_low"], second["answered"], second["answered_high"]) == (3, 3, 3)
    assert math.isnan(second["consistency"])
    assert math.isnan(second["hosts"])  # nothing was measured: not known, not none


def test_only_crawls_of_the_pool_and_the_half_open_period(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    crawls_at(engine, "demo", hours(5), answered=[0, 1, 2, 3, 4])
    crawls_at(engine, "other", hours(5), answered=[9, 9, 9, 9, 9])
    points = crawl_series(engine, "demo", Period(START + HOUR, START + 4 * HOUR)).points
    assert points["answered"].tolist() == [1, 2, 3]


def test_the_last_crawls_are_open_for_the_next(engine):
    a_bare_pool(engine)
    assert last_crawls(engine, "demo", 20) == ALWAYS
    crawls_at(engine, "demo", hours(5))
    assert last_crawls(engine, "demo", 5) == Period(START)
    assert last_crawls(engine, "demo", 20) == ALWAYS
    window = last_crawls(engine, "demo", 2)
    assert window == Period(START + 3 * HOUR)
    a_crawl(engine, "demo")
    assert crawl_series(engine, "demo", window).crawls == 3


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crawls=st.lists(crawled, min_size=1, max_size=25), most=st.integers(1, 30))
def test_no_extreme_is_lost_and_counts_add_up(engine, crawls, most):
    name = a_bare_pool(engine, next(names), hosts=3)
    moments = hours(len(crawls))
    tickets = crawls_at(
        engine,
        name,
        moments,
        answered=[answered for answered, _, _ in crawls],
        consistency=[consistency for _, consistency, _ in crawls],
        complete=[answered % 2 == 0 for answered, _, _ in crawls],
    )
    told = [[{"cpu": cpu} for cpu in hosts] for _, _, hosts in crawls]
    samples_beside(engine, name, dict(zip(tickets, told, strict=True)))
    series = crawl_series(engine, name, ALWAYS, most)
    assert len(series.points) <= most
    assert series.crawls == series.points["crawls"].sum() == len(crawls)
    groups = [crawls[at : at + series.per_point] for at in range(0, len(crawls), series.per_point)]
    times = [moments[at : at + series.per_point] for at in range(0, len(crawls), series.per_point)]
    for point, group, when in zip(series.points.to_dict("records"), groups, times, strict=True):
        assert (point["start"], point["end"], point["crawls"]) == (when[0], when[-1], len(group))
        assert point["partial"] == sum(answered % 2 for answered, _, _ in group)
        compare(point, "answered", [answered for answered, _, _ in group])
        compare(point, "consistency", [share for _, share, _ in group if share is not None])
        compare(point, "hosts", [len(hosts) for _, _, hosts in group if hosts])
        cpus = [cpu for _, _, hosts in group for cpu in hosts if cpu is not None]
        compare(point, "cpu", cpus)
        if cpus:
            assert point["cpu_spread"] == pytest.approx(pstdev(cpus), abs=1e-7)


def compare(point, name, values):
    found = [point[f"{name}_low"], point[name], point[f"{name}_high"]]
    if values:
        assert found == pytest.approx([min(values), fmean(values), max(values)])
    else:
        assert all(map(math.isnan, found))


def test_memory_is_the_share_in_use(engine):
    a_bare_pool(engine, hosts=3)
    (ticket,) = crawls_at(engine, "demo", [START])
    told = [{"memory_total": 1000, "memory_free": free} for free in (900, 700)]
    samples_beside(engine, "demo", {ticket: [*told, {"memory_total": 0, "memory_free": 0}]})
    (point,) = crawl_series(engine, "demo", ALWAYS).points.to_dict("records")
    assert (point["memory"], point["memory_spread"]) == pytest.approx((0.2, 0.1))
    assert (point["hosts"], point["memory_high"]) == (3, pytest.approx(0.3))
    assert math.isnan(point["cpu"])


def test_rows_are_the_latest_crawls_first(engine):
    a_bare_pool(engine)
    crawls_at(engine, "demo", hours(5), answered=[0, 1, 2, 3, 4], complete=[True, True, True, False, True])
    rows = crawl_rows(engine, "demo", Period(end=START + 4 * HOUR), limit=2)
    assert tuple(rows.columns) == CRAWL_COLUMNS
    assert rows["answered"].tolist() == [3, 2]
    assert rows["complete"].tolist() == [False, True]


def test_where_nothing_was_crawled_there_are_no_points(engine):
    a_bare_pool(engine)
    series = crawl_series(engine, "demo", ALWAYS)
    assert (series.crawls, series.per_point, len(series.points)) == (0, 1, 0)
    assert tuple(series.points.columns) == POINT_COLUMNS
    assert crawl_rows(engine, "nobody", ALWAYS, limit=9).empty


def test_a_day_of_many_hosts_in_few_points(engine):
    a_past(engine, hosts=5, days=2)
    series = crawl_series(engine, "demo", ALWAYS, most=10)
    assert (series.crawls, series.per_point) == (96, 10)
    points = series.points
    assert (points["hosts_low"] <= points["hosts"]).all()
    assert (points["hosts"] <= points["hosts_high"]).all()
    assert points["cpu_spread"].between(0.01, 0.2).all()
