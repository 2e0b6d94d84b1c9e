"""Downsampling: against a plain model, on both databases, and never in a crawl's way."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from deployments.dispatcher.daily import each_day
from deployments.dispatcher.downsampling import downsample_all
from p2ppool.pools.recording import downsampling
from p2ppool.pools.recording.downsampling import downsample, plan
from p2ppool.pools.recording.retention import Retention, StoredCrawl, outdated
from p2ppool.store.models import NodeSample, Snapshot
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, keep_crawl

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
RULE = Retention(timedelta(days=2), timedelta(days=5))


@st.composite
def crawls(draw):
    ages = draw(st.lists(st.integers(0, 9 * 24 * 60), min_size=1, max_size=60))
    found = [(NOW - timedelta(minutes=age), draw(st.booleans())) for age in ages]
    return [StoredCrawl(number, *crawl) for number, crawl in enumerate(sorted(found))]


def model(crawls, at):
    """Each crawl by itself: is there a reason to keep it?"""
    gone = []
    for crawl in crawls[:-1]:
        if crawl.started_at >= at - timedelta(days=2):
            continue
        hourly = crawl.started_at >= at - timedelta(days=5)
        others = [
            other
            for other in crawls[:-1]
            if other.started_at.date() == crawl.started_at.date()
            and other.started_at < at - timedelta(days=2)
            and (other.started_at >= at - timedelta(days=5)) == hourly
            and (not hourly or other.started_at.hour == crawl.started_at.hour)
        ]
        whole = [other for other in others if other.complete]
        if crawl is not (whole or others)[0]:
            gone.append(crawl.id)
    return gone


@given(crawls())
def test_it_is_what_the_plain_model_says(crawls):
    assert outdated(crawls, RULE, NOW) == model(crawls, NOW)


@given(crawls(), st.lists(st.integers(0, 20 * 24 * 60), max_size=6))
def test_when_and_how_often_it_is_done_makes_no_difference_in_the_end(crawls, moments):
    left = crawls
    end = NOW + timedelta(days=30)
    for minutes in [*sorted(moments), 30 * 24 * 60]:
        gone = outdated(left, RULE, NOW + timedelta(minutes=minutes))
        left = [crawl for crawl in left if crawl.id not in gone]
    once = outdated(crawls, RULE, end)
    assert [crawl.id for crawl in left] == [crawl.id for crawl in crawls if crawl.id not in once]


def test_off_by_default(settings_of):
    crawls = [StoredCrawl(number, NOW, complete=True) for number in range(2)]
    assert outdated(crawls, Retention.of(settings_of()), NOW) == []
    assert Retention.of(settings_of(keep_all_days=90)) == Retention(timedelta(days=90), timedelta(days=365))


@pytest.fixture
def settings_of(tmp_path):
    from p2ppool.settings import Settings  # noqa: PLC0415

    return lambda **values: Settings(data_folder=tmp_path, **values)


@pytest.fixture
def old(engine):
    """Twelve crawls of four nodes, six in each of two hours long ago, and a last one; their snapshots."""
    a_bare_pool(engine, "demo")
    a_bare_pool(engine, "other")
    ten_days = 10 * 24 * 60
    keep_crawl(engine, "other", ring_samples(4), minutes_ago=ten_days)
    ids = [
        keep_crawl(engine, "demo", ring_samples(4), minutes_ago=ten_days + 10 * (12 - number))
        for number in range(12)
    ]
    with UnitOfWork(engine) as work:  # all on one day, whatever day the test runs on
        for place, snapshot in enumerate(ids):
            work.session.get(Snapshot, snapshot).started_at = NOW.replace(
                hour=3 + place // 6, minute=place % 6
            )
        work.commit()
    return [*ids, keep_crawl(engine, "demo", ring_samples(4))]


def state(engine):
    with reading(engine) as work:
        samples = work.session.execute(
            select(NodeSample.snapshot_id, func.count()).group_by(NodeSample.snapshot_id)
        )
        downsampled = work.session.scalars(
            select(Snapshot.id).where(Snapshot.downsampled).order_by(Snapshot.id)
        )
        return dict(samples.all()), list(downsampled)


def test_samples_go_and_snapshots_stay(engine, old, monkeypatch):
    monkeypatch.setattr(downsampling, "_AT_ONCE", 10)
    at = NOW + timedelta(days=4)
    (found,) = plan(engine, RULE, at)
    assert (found.pool, found.samples) == ("demo", 40)
    before = state(engine)
    assert before[1] == []
    assert list(downsample(engine, found, lambda _: None)) == [4] * 10
    samples, downsampled = state(engine)
    assert downsampled == [snapshot for snapshot in old[:-1] if snapshot not in (old[0], old[6])]
    assert {snapshot: samples[snapshot] for snapshot in (old[0], old[6], old[-1])} == dict.fromkeys(
        (old[0], old[6], old[-1]), 4
    )
    assert plan(engine, RULE, at) == []
    (rest,) = plan(engine, RULE, at + timedelta(days=4))
    assert rest.snapshots == ((old[6], 4),)


def test_it_stops_between_two_steps_when_requested_and_lets_others_write(engine, old, monkeypatch):
    monkeypatch.setattr(downsampling, "_AT_ONCE", 4)
    (found,) = plan(engine, RULE, NOW + timedelta(days=4))
    steps = downsample(engine, found, lambda _: keep_crawl(engine, "demo", ring_samples(4)))
    assert [next(steps) for _ in range(3)] == [4, 4, 4]  # a crawl was kept after each but the last
    assert len(state(engine)[1]) == 3
    leave = threading.Event()
    leave.set()
    downsample_all(engine, RULE, leave, NOW + timedelta(days=4))
    assert len(state(engine)[1]) == 4
    each_day(
        "downsampling", lambda: downsample_all(engine, RULE, leave, NOW + timedelta(days=4)), 60.0, leave
    )
    assert len(state(engine)[1]) == 4
