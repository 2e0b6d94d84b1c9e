"""Pools at a glance: one report each, in a fixed number of queries."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from p2ppool.reports.pools.pools import exists, pool, pools
from p2ppool.store.models import PoolState, TicketState
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, a_result, a_ticket, a_waiting_ticket


@contextmanager
def counted_queries(engine):
    statements = []
    listener = lambda *arguments: statements.append(arguments[2])  # noqa: E731 - kept to be removed
    event.listen(engine, "before_cursor_execute", listener)
    yield statements
    event.remove(engine, "before_cursor_execute", listener)


def test_without_pools_there_is_nothing_to_tell(engine):
    assert pools(engine) == []


def test_pools_come_by_name(engine):
    for name in ("b", "c", "a"):
        a_bare_pool(engine, name)
    assert [report.name for report in pools(engine)] == ["a", "b", "c"]


def test_a_report_says_what_the_pool_is(engine):
    a_bare_pool(engine, "demo", hosts=3, description="three", namespace="ns", state=PoolState.SUSPENDED)
    report = pool(engine, "demo")
    assert (report.name, report.description, report.namespace) == ("demo", "three", "ns")
    assert (report.state, report.hosts, report.nodes_per_process) == (PoolState.SUSPENDED, 3, 1)
    assert report.package.startswith("reference-node 1.")


def test_before_the_first_crawl_there_is_no_snapshot(engine):
    a_bare_pool(engine, "demo")
    assert pool(engine, "demo").snapshot is None


def test_the_last_snapshot_is_the_one_that_began_last(engine):
    a_pool(engine, "demo", nodes=9)
    newest = a_crawl(engine, "demo", nodes=9, dead=2, minutes_ago=1)
    a_crawl(engine, "demo", nodes=9, minutes_ago=60)  # stored later, but it began earlier
    last = pool(engine, "demo").snapshot
    assert last.id == newest
    assert (last.answered, last.expected, last.silent, last.ghosts) == (7, 9, 1, 1)
    assert 0 < last.consistency < 1


def test_each_pool_has_its_own_snapshot_hosts_and_tickets(engine):
    a_pool(engine, "large", nodes=9, failed=2)
    a_pool(engine, "small", nodes=4)
    a_ticket(engine, "small", "check")
    large, small = pools(engine)
    assert (large.hosts, large.failed_hosts, large.snapshot.answered, large.running) == (8, 2, 9, ())
    assert (small.hosts, small.failed_hosts, small.snapshot.answered) == (3, 0, 4)
    assert [ticket.action for ticket in small.running] == ["check"]


def test_a_host_that_failed_once_and_went_well_since_does_not_count(engine):
    a_pool(engine, "demo", nodes=4, failed=1)
    a_result(engine, "demo", "node01", error=None)
    assert pool(engine, "demo").failed_hosts == 0


def test_only_what_runs_is_running(engine):
    a_bare_pool(engine, "demo")
    for state in TicketState:
        a_ticket(engine, "demo", f"was-{state}", state)
    report = pool(engine, "demo")
    assert [ticket.action for ticket in report.running] == ["was-running"]
    assert report.waiting == 1


def test_what_waits_is_counted_for_each_pool(engine):
    for name, waiting in (("a", 0), ("b", 1), ("c", 3)):
        a_bare_pool(engine, name)
        for _ in range(waiting):
            a_waiting_ticket(engine, name)
    assert {report.name: report.waiting for report in pools(engine)} == {"a": 0, "b": 1, "c": 3}


def test_an_unknown_pool_is_none(engine):
    a_bare_pool(engine, "demo")
    assert pool(engine, "demo'; DROP TABLE pools; --") is None
    assert exists(engine, "demo")
    assert not exists(engine, "Demo")


@pytest.mark.parametrize("number", [1, 12])
def test_the_number_of_queries_does_not_grow_with_the_pools(engine, number):
    for place in range(number):
        a_pool(engine, f"pool{place}", nodes=3, failed=1)
    with counted_queries(engine) as statements:
        assert len(pools(engine)) == number
    assert len([text for text in statements if text.startswith("SELECT")]) == 4, statements
