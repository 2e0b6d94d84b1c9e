"""Crawls are found by time, by id, and beside one another."""

from datetime import timedelta

import pytest

from p2ppool.reports.crawls.crawls import crawl, crawl_nearest, crawls_in
from p2ppool.reports.period import ALWAYS, Period
from p2ppool.store.types import now
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, a_crawl, keep_crawl


@pytest.fixture
def three(engine):
    """Ids of three crawls, an hour between, stored out of order; another pool has one amid them."""
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    last = a_crawl(engine, "demo", minutes_ago=10)
    first = a_crawl(engine, "demo", minutes_ago=130)
    a_crawl(engine, "other", minutes_ago=65)
    return first, a_crawl(engine, "demo", minutes_ago=70), last


def test_the_crawls_of_a_period_come_latest_first(engine, three):
    first, second, last = three
    assert [found.id for found in crawls_in(engine, "demo", ALWAYS)] == [last, second, first]
    before_the_last = Period(end=crawl(engine, "demo", last).crawl.started_at)
    assert [found.id for found in crawls_in(engine, "demo", before_the_last)] == [second, first]
    assert [found.id for found in crawls_in(engine, "demo", ALWAYS, limit=1)] == [last]


def test_a_crawl_knows_those_beside_it(engine, three):
    first, second, last = three
    assert [(crawl(engine, "demo", i).before, crawl(engine, "demo", i).after) for i in three] == [
        (None, second),
        (first, last),
        (second, None),
    ]
    assert crawl(engine, "demo").crawl.id == last


def test_crawls_that_began_together_come_by_id(engine):
    a_bare_pool(engine)
    moment = now()
    ids = [a_crawl_at(engine, moment) for _ in range(3)]
    assert (crawl(engine, "demo", ids[1]).before, crawl(engine, "demo", ids[1]).after) == (ids[0], ids[2])
    assert crawl(engine, "demo", ids[0]).before is None


def a_crawl_at(engine, moment):
    return keep_crawl(engine, "demo", ring_samples(2), started_at=moment)


def test_the_nearest_is_the_last_before_or_else_the_first(engine, three):
    first, second, _ = three
    assert crawl_nearest(engine, "demo", now() - timedelta(minutes=60)).crawl.id == second
    assert crawl_nearest(engine, "demo", now() - timedelta(days=1)).crawl.id == first


def test_a_crawl_of_another_pool_is_none(engine, three):
    assert crawl(engine, "other", three[0]) is None
    assert crawl(engine, "nobody") is None
    assert crawl_nearest(engine, "nobody", now()) is None
