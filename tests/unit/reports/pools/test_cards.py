"""What the first page shows of all pools: in few queries, on each kind of database."""

import pytest
from sqlalchemy import select

from p2ppool.errors import UserError
from p2ppool.records.pools import get_pool
from p2ppool.reports.actions.retries import what_to_retry
from p2ppool.reports.pools.cards import pool_cards
from p2ppool.store.models import Host, HostResult, Pool, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, a_result, a_ticket
from tests.unit.reports.pools.test_pools import counted_queries


def card(engine, wanted=None):
    (found,) = pool_cards(engine, wanted or {})
    return found


def leave(engine, pool_name, ticket, errors):
    """What the ticket left on the pool's hosts: an error or None for each, in their order."""
    with UnitOfWork(engine) as work:
        hosts = work.session.scalars(select(Host).join(Pool).where(Pool.name == pool_name).order_by(Host.id))
        for host, error in zip(hosts, errors, strict=False):
            work.session.add(
                HostResult(ticket_id=ticket, host_id=host.id, error=error, step="x", message="", seconds=0.1)
            )
        work.commit()


def test_without_pools_there_is_nothing(engine):
    assert pool_cards(engine, {}) == []


def test_the_last_twenty_crawls_come_oldest_first(engine):
    a_pool(engine, nodes=4, minutes_ago=0)
    for minutes in range(1, 25):
        a_crawl(engine, "demo", nodes=4, dead=minutes % 2, minutes_ago=minutes)
    crawls = card(engine).crawls
    assert len(crawls) == 20
    assert [point.started_at for point in crawls] == sorted(point.started_at for point in crawls)
    assert [point.answered for point in crawls] == [3, 4] * 10
    assert crawls[-1].consistency == 1.0


def test_hosts_that_can_not_be_reached_are_down_and_others_only_failed(engine):
    a_bare_pool(engine, hosts=3)
    a_result(engine, "demo", "node01", error="timeout")
    a_result(engine, "demo", "node02", error="disk_full")
    pool = card(engine).pool
    assert (pool.hosts, pool.failed_hosts, pool.down_hosts) == (3, 2, 1)


def test_hosts_behind_are_counted_where_it_is_known_what_they_should_have(engine):
    a_bare_pool(engine, "known", hosts=3)
    a_bare_pool(engine, "unknown", hosts=2)
    with UnitOfWork(engine) as work:
        known = get_pool(work.session, "known")
        first, second, _ = known.hosts
        first.digest, second.digest = "new", "old"
        work.commit()
    assert [found.behind for found in pool_cards(engine, {known.id: "new"})] == [2, None]


@pytest.mark.parametrize(
    ("action", "state", "errors", "hosts"),
    [
        ("install", TicketState.PARTIAL, [None, "timeout", "refused"], 2),
        ("install", TicketState.CANCELLED, [None], 2),
        ("install", TicketState.DONE, [None, None, None], None),
        ("install", TicketState.RUNNING, [None, "timeout"], None),
        ("upgrade", TicketState.FAILED, [None, "timeout"], None),
        ("upgrade", TicketState.PARTIAL, [None, None, "timeout"], 1),
        ("crawl", TicketState.FAILED, [], None),
    ],
)
def test_a_retry_is_offered_exactly_where_there_is_something_to_retry(engine, action, state, errors, hosts):
    a_bare_pool(engine, hosts=3)
    ticket = a_ticket(engine, "demo", action, state)
    leave(engine, "demo", ticket, errors)
    offer = card(engine).retry
    assert (offer and offer.hosts) == hosts
    with reading(engine) as work:
        if hosts is None:
            with pytest.raises(UserError):
                what_to_retry(work.session, get_pool(work.session, "demo"), None)
        else:
            found = what_to_retry(work.session, get_pool(work.session, "demo"), None)
            assert found.parameters["retry_of"] == offer.ticket_id == ticket


def test_what_a_retry_has_repaired_is_not_offered_again(engine):
    a_bare_pool(engine, hosts=3)
    first = a_ticket(engine, "demo", "install", TicketState.PARTIAL)
    leave(engine, "demo", first, [None, "timeout", "timeout"])
    again = a_ticket(engine, "demo", "install", TicketState.PARTIAL, retry_of=first)
    with UnitOfWork(engine) as work:
        second = work.session.scalars(select(Host).order_by(Host.id)).all()[1]
        work.session.add(
            HostResult(ticket_id=again, host_id=second.id, error=None, step="x", message="", seconds=0.1)
        )
        work.commit()
    assert (card(engine).retry.ticket_id, card(engine).retry.hosts) == (again, 1)


@pytest.mark.parametrize("number", [1, 12])
def test_the_number_of_queries_does_not_grow_with_the_pools(engine, number):
    for place in range(number):
        a_pool(engine, f"pool{place}", nodes=3, failed=1)
    with counted_queries(engine) as statements:
        assert len(pool_cards(engine, {1: "x"})) == number
    assert len([text for text in statements if text.startswith(("SELECT", "WITH"))]) == 8, statements
