"""A node over time, where it was, and whom it names."""

import pytest

from p2ppool.node.address import write
from p2ppool.reports.crawls.crawls import crawl
from p2ppool.reports.nodes.neighbours import Neighbour, neighbourhood
from p2ppool.reports.nodes.node_history import HISTORY_COLUMNS, known_node, node_history, stays
from p2ppool.reports.nodes.nodes import Health
from p2ppool.reports.period import ALWAYS, Period
from tests.lab.past.crawled import host_ip
from tests.lab.past.history import a_bare_pool, keep_crawl

NODE, OTHER = write(2), write(4)


def sample(address=NODE, state="answered", bits="1111", **fields):
    return {"address": address, "state": state, "bits": bits, "consistency": 1.0, "ip": host_ip(1)} | fields


@pytest.fixture
def crawls(engine):
    """Ids of three crawls: the node in order, then silent, then on another host."""
    a_bare_pool(engine, hosts=2)
    first = keep_crawl(engine, "demo", [sample(tcp=3, seconds=0.25), sample(OTHER)], minutes_ago=60)
    silent = sample(state="silent", bits="----", ip=None, consistency=None, error="no answer")
    second = keep_crawl(engine, "demo", [silent, sample(OTHER)], minutes_ago=40)
    return [first, second, keep_crawl(engine, "demo", [sample(ip=host_ip(2), bits="1101")], minutes_ago=20)]


@pytest.fixture
def node(engine, crawls):
    return known_node(engine, "demo", NODE)


def test_each_crawl_is_a_row_by_time(engine, crawls, node):
    history = node_history(engine, node, ALWAYS)
    assert tuple(history.columns) == HISTORY_COLUMNS
    assert list(history["crawl"]) == crawls
    assert list(history["health"]) == ["consistent", "silent", "inconsistent"]
    assert history["tcp"].isna().tolist() == [False, True, True]
    assert history["seconds"][0] == 0.25
    assert history["at"].is_monotonic_increasing


def test_a_period_is_half_open(engine, crawls, node):
    start, end = (crawl(engine, "demo", i).crawl.started_at for i in (crawls[1], crawls[2]))
    assert list(node_history(engine, node, Period(start, end))["crawl"]) == crawls[1:2]
    assert node_history(engine, node, Period(end=node.first_seen_at)).empty


def test_stays_report_where_it_was_and_which_hosts_have_that_address(engine, node):
    now_there, before = stays(engine, node, ALWAYS)
    assert (now_there.ip, now_there.hosts, now_there.crawls) == (host_ip(2), "node02", 1)
    assert (before.hosts, before.first, before.last) == ("node01", node.first_seen_at, node.first_seen_at)


def test_a_node_of_another_pool_is_not_known(engine, crawls):
    a_bare_pool(engine, "other")
    assert known_node(engine, "other", NODE) is None
    assert known_node(engine, "demo", "<b>") is None


def test_neighbours_come_with_their_health_and_whether_they_agree(engine):
    a_bare_pool(engine)
    named = {"left": OTHER, "right": write(6), "shortcuts": f"{OTHER} {write(8)}"}
    silent = sample(OTHER, state="silent", bits="----")
    only = keep_crawl(engine, "demo", [sample(bits="0-1-", **named), silent, sample(write(6))])
    found = neighbourhood(engine, known_node(engine, "demo", NODE), only)
    assert (found.health, found.ip) == (Health.INCONSISTENT, host_ip(1))
    assert found.neighbours == [
        Neighbour(position="left", address=OTHER, health=Health.SILENT, agrees=False),
        Neighbour(position="right", address=write(6), health=Health.CONSISTENT, agrees=True),
        Neighbour(position="shortcut", address=OTHER, health=Health.SILENT, agrees=None),
        Neighbour(position="shortcut", address=write(8), health=None, agrees=None),
    ]


def test_a_node_that_the_crawl_did_not_hear_of_has_no_neighbourhood(engine, crawls):
    assert neighbourhood(engine, known_node(engine, "demo", OTHER), crawls[2]) is None
