"""The crawls of a period."""

from datetime import timedelta

from sqlalchemy import delete

from p2ppool.reports.crawls.crawl_range import crawl_before, crawl_range, crawls
from p2ppool.reports.period import Period
from p2ppool.store.models import NodeSample
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_crawl, keep_crawl


def some_crawls(engine, *minutes_ago):
    a_bare_pool(engine)
    return [a_crawl(engine, "demo", nodes=3, minutes_ago=minutes) for minutes in minutes_ago]


def downsample(engine, snapshot_id):
    with UnitOfWork(engine) as work:
        work.session.execute(delete(NodeSample).where(NodeSample.snapshot_id == snapshot_id))
        work.commit()


def ids(found):
    return [entry.summary.id for entry in found.crawls]


def test_the_last_crawls_in_the_order_in_which_they_began(engine):
    first, last, middle = some_crawls(engine, 30, 10, 20)
    assert ids(crawl_range(engine, "demo", most=2)) == [middle, last]
    assert ids(crawl_range(engine, "demo", most=9)) == [first, middle, last]
    assert crawl_range(engine, "demo", most=2).total == 3


def test_a_range_that_is_looked_at_grows_and_does_not_move(engine):
    found = some_crawls(engine, 40, 30, 20, 10)
    assert ids(crawl_range(engine, "demo", most=9, since=found[1])) == found[1:]
    assert ids(crawl_range(engine, "demo", most=2, since=found[1])) == found[2:]
    assert ids(crawl_range(engine, "demo", most=2, since=0)) == found[2:]


def test_only_what_lies_in_the_period(engine):
    found = some_crawls(engine, 40, 30, 20, 10)
    period = Period(now() - timedelta(minutes=35), now() - timedelta(minutes=15))
    assert ids(crawl_range(engine, "demo", period, most=9)) == found[1:3]
    assert crawl_range(engine, "demo", period, most=1).total == 2
    assert ids(crawl_range(engine, "demo", period, most=1, since=found[0])) == [found[2]]


def test_crawls_of_other_pools_are_none_of_ours(engine):
    a_bare_pool(engine, "other")
    theirs = a_crawl(engine, "other", nodes=3)
    (own,) = some_crawls(engine, 1)
    assert ids(crawl_range(engine, "demo", most=9)) == [own]
    assert [entry.summary.id for entry in crawls(engine, "demo", [own, theirs, 0])] == [own]
    assert crawl_before(engine, "demo", theirs) is None


def test_a_crawl_whose_samples_are_gone_is_known_as_such(engine):
    first, second, third = some_crawls(engine, 30, 20, 10)
    downsample(engine, second)
    assert [entry.downsampled for entry in crawl_range(engine, "demo", most=9).crawls] == [False, True, False]
    assert [entry.found for entry in crawls(engine, "demo", [third, second])] == [3, 3]
    assert crawl_before(engine, "demo", third) == first
    assert crawl_before(engine, "demo", first) is None


def test_a_crawl_that_found_nobody_was_not_thinned(engine):
    a_bare_pool(engine)
    (empty,) = crawls(engine, "demo", [keep_crawl(engine, "demo", [])])
    assert (empty.found, empty.has_nodes, empty.downsampled) == (0, False, False)
