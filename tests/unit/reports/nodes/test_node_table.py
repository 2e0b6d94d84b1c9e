"""A crawl's nodes with what was known of their hosts when it ended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from p2ppool.node.address import parse, write
from p2ppool.places.geolocation import Geolocation
from p2ppool.reports.nodes import node_table as report
from p2ppool.reports.nodes.node_table import COLUMNS
from p2ppool.store.models import Host, HostResult, HostSample, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.crawled import LOCAL_IP, host_ip, ring_samples
from tests.lab.past.history import a_bare_pool, a_ticket, keep_crawl


def node_table(engine, pool, crawl):
    return report.node_table(engine, pool, crawl, Geolocation(None))


def a_node(number, **fields):
    values = {"address": write(number), "state": "answered", "bits": "1111", "consistency": 1.0}
    return values | {"ip": host_ip(number // 2)} | fields


def change_host(engine, name, **values):
    with UnitOfWork(engine) as work:
        host = work.session.scalars(select(Host).where(Host.name == name)).one()
        for field, value in values.items():
            setattr(host, field, value)
        work.commit()
        return host.id


def measure(engine, host, minutes_ago, **values):
    ticket = a_ticket(engine, "demo", state=TicketState.DONE)
    with UnitOfWork(engine) as work:
        taken_at = now() - timedelta(minutes=minutes_ago)
        work.session.add(HostSample(ticket_id=ticket, host_id=host, taken_at=taken_at, **values))
        work.commit()


def install(engine, hosts, minutes_ago, package, error=None):
    ticket = a_ticket(engine, "demo", "upgrade", TicketState.DONE, minutes_ago=minutes_ago)
    result = {"step": "start", "message": "", "seconds": 1.0, "error": error}
    with UnitOfWork(engine) as work:
        for host in hosts:
            facts = {"package": package, "digest": package}
            work.session.add(HostResult(ticket_id=ticket, host_id=host, facts=facts, **result))
        work.commit()


@pytest.fixture
def hosts(engine):
    """Ids of the two hosts of a pool."""
    a_bare_pool(engine, hosts=2)
    return [change_host(engine, name) for name in ("node01", "node02")]


def test_every_column_has_each_node_in_ring_order(engine):
    a_bare_pool(engine)
    table = node_table(engine, "demo", keep_crawl(engine, "demo", list(reversed(ring_samples(9, dead=2)))))
    assert tuple(sorted(table.columns)) == tuple(sorted(COLUMNS))
    assert {len(column) for column in table.columns.values()} == {9}
    numbers = [parse(address) for address in table.columns["address"]]
    assert numbers == sorted(numbers)
    assert table.columns["ip"].count(LOCAL_IP) == 1
    assert table.crawl.answered == 7


def test_neighbours_are_places_in_the_table_or_addresses_outside_of_it(engine):
    a_bare_pool(engine)
    nodes = [a_node(2, left=write(4), right=write(8)), a_node(4, shortcuts=f"{write(2)} {write(8)}")]
    columns = node_table(engine, "demo", keep_crawl(engine, "demo", nodes)).columns
    assert columns["left"] == [1, None]
    assert columns["right"] == [write(8), None]
    assert columns["shortcuts"] == [0, 2]


def test_a_host_is_as_it_was_measured_last_before_the_crawl_ended(engine, hosts):
    for minutes_ago, cpu in ((90, 0.1), (50, 0.5), (5, 0.9)):
        measure(engine, hosts[0], minutes_ago, cpu=cpu, memory_total=1000, memory_free=250, node_rss=7)
    old = keep_crawl(engine, "demo", [a_node(2), a_node(4)], minutes_ago=60)
    middle = keep_crawl(engine, "demo", [a_node(2)], minutes_ago=40)
    last = keep_crawl(engine, "demo", [a_node(2)], minutes_ago=20)
    tables = [node_table(engine, "demo", crawl).columns for crawl in (old, middle, last)]
    assert [table["cpu"][0] for table in tables] == [0.1, 0.5, 0.9]
    assert (tables[0]["memory"], tables[0]["node_rss"]) == ([0.75, None], [7, None])


def test_the_version_is_that_of_the_time(engine, hosts):
    install(engine, hosts, 100, "node@1")
    install(engine, hosts[:1], 50, "node@2")
    install(engine, hosts[1:], 50, "node@2", error="refused")
    change_host(engine, "node01", digest="d", facts={"package": "node@3"})
    old = keep_crawl(engine, "demo", [a_node(2), a_node(4)], minutes_ago=60)
    middle = keep_crawl(engine, "demo", [a_node(2), a_node(4)], minutes_ago=40)
    last = keep_crawl(engine, "demo", [a_node(2), a_node(4)], minutes_ago=20)
    tables = [node_table(engine, "demo", crawl) for crawl in (old, middle, last)]
    assert [table.columns["version"] for table in tables] == [
        ["node@1", "node@1"],
        ["node@2", "node@1"],
        ["node@3", None],
    ]
    assert [table.wanted is None for table in tables] == [True, True, False]
    assert tables[2].wanted.startswith("reference-node@")


def test_of_hosts_behind_one_address_the_one_that_reported_the_node_counts(engine, hosts):
    change_host(engine, "node02", address=host_ip(1), port=23, node_address=write(4))
    measure(engine, hosts[1], 5, cpu=0.5)
    crawl = keep_crawl(engine, "demo", [a_node(2), a_node(4, ip=host_ip(1)), a_node(6, ip="192.0.2.9")])
    columns = node_table(engine, "demo", crawl).columns
    assert columns["host"] == ["node01, node02", "node02", None]
    assert columns["cpu"] == [None, 0.5, None]


def test_a_place_is_what_a_manager_has_said_else_what_the_node_tells(engine, hosts):
    change_host(engine, "node01", latitude=48.14, longitude=11.58, place_label="Munich")
    told = {"geo_loc": "52.52, 13.40"}
    crawl = keep_crawl(engine, "demo", [a_node(2, **told), a_node(4, **told), a_node(6, ip="10.0.0.9")])
    assert node_table(engine, "demo", crawl).columns["place"] == ["Munich", "52.52° N, 13.40° E", None]


def test_a_silent_node_is_where_it_was_heard_last(engine, hosts):
    keep_crawl(engine, "demo", [a_node(2)], minutes_ago=9)
    crawl = keep_crawl(engine, "demo", [a_node(2, state="silent", bits="----", ip=None)], minutes_ago=5)
    columns = node_table(engine, "demo", crawl).columns
    assert (columns["health"], columns["host"], columns["ip"]) == (["silent"], ["node01"], [host_ip(1)])


def test_a_crawl_without_samples_is_an_empty_table_and_a_foreign_one_none(engine, hosts):
    a_bare_pool(engine, "other")
    empty = keep_crawl(engine, "demo", [])
    assert {len(column) for column in node_table(engine, "demo", empty).columns.values()} == {0}
    assert node_table(engine, "other", empty) is None
    assert node_table(engine, "demo", 4711) is None
