"""Nodes without an answer are told with the host they were last heard on."""

import pytest

from p2ppool.node.address import write
from p2ppool.reports.nodes.nodes import snapshot_nodes
from p2ppool.reports.nodes.unreachable import UnreachableNode, unreachable_nodes
from tests.lab.past.crawled import host_ip
from tests.lab.past.history import a_bare_pool, keep_crawl

LIVING, DEAD = write(2), write(4)


def living(address, ip):
    return {"address": address, "state": "answered", "bits": "1111", "consistency": 1.0, "ip": ip}


def dead(address, state="ghost", error="another answered"):
    return {"address": address, "state": state, "bits": "", "consistency": 0.0, "ip": None, "error": error}


@pytest.fixture
def pool(engine):
    return a_bare_pool(engine, hosts=3)


def test_a_dead_node_is_reported_with_its_last_host(engine, pool):
    keep_crawl(engine, pool, [living(LIVING, host_ip(1)), living(DEAD, host_ip(3))])
    keep_crawl(engine, pool, [living(LIVING, host_ip(1)), living(DEAD, host_ip(2))])
    snapshot = keep_crawl(engine, pool, [living(LIVING, host_ip(1)), dead(DEAD)])
    (node,) = unreachable_nodes(engine, snapshot)
    names = dict(zip(*snapshot_nodes(engine, snapshot)[["address", "host"]].T.to_numpy(), strict=True))
    assert node == UnreachableNode(address=DEAD, state="ghost", error="another answered", host=names[DEAD])
    assert node.host
    assert names[DEAD] != names[LIVING]


def test_what_was_heard_later_is_not_reported_of_an_earlier_crawl(engine, pool):
    earlier = keep_crawl(engine, pool, [dead(DEAD)])
    keep_crawl(engine, pool, [living(DEAD, host_ip(2))])
    assert [node.host for node in unreachable_nodes(engine, earlier)] == [None]


def test_where_all_answered_nobody_is_reported(engine, pool):
    assert unreachable_nodes(engine, keep_crawl(engine, pool, [living(LIVING, host_ip(1))])) == []


def test_a_node_of_no_host_is_reported_without_one(engine, pool):
    keep_crawl(engine, pool, [living(DEAD, "192.0.2.1")])
    (node,) = unreachable_nodes(engine, keep_crawl(engine, pool, [dead(DEAD, "silent", "no answer")]))
    assert (node.host, node.state) == (None, "silent")
