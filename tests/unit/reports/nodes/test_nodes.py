"""The nodes of a snapshot come in ring order, with the names of their hosts."""

import pytest

from p2ppool.node.address import parse, write
from p2ppool.reports.nodes.nodes import COLUMNS, Health, last_snapshot_id, snapshot_nodes
from p2ppool.store.models import Host
from tests.lab.past.crawled import LOCAL_IP, host_ip, ring_samples
from tests.lab.past.history import a_bare_pool, a_crawl, a_pool, captured_crawl, keep_crawl


def nodes_of(engine, pool_name="demo"):
    return snapshot_nodes(engine, last_snapshot_id(engine, pool_name))


def a_node(number, **fields):
    return {
        "address": write(number),
        "state": "answered",
        "bits": "1111",
        "consistency": 1.0,
        "ip": "10.0.0.1",
    } | fields


def test_rows_are_in_ring_order_whatever_the_order_they_were_stored_in(engine):
    a_bare_pool(engine)
    keep_crawl(engine, "demo", list(reversed(ring_samples(9))))
    numbers = [parse(address) for address in nodes_of(engine)["address"]]
    assert numbers == sorted(numbers)
    assert len(numbers) == 9


def test_a_node_bears_the_name_of_the_host_with_its_address(engine):
    a_bare_pool(engine, hosts=2)
    keep_crawl(engine, "demo", [a_node(2, ip=host_ip(1)), a_node(4, ip=host_ip(2)), a_node(6, ip="10.9.9.9")])
    assert list(nodes_of(engine)["host"]) == ["node01", "node02", None]


def test_hosts_behind_one_address_are_all_named(engine):
    machines = [
        Host(name=name, address="10.0.0.1", port=port) for name, port in (("a", 22), ("b", 23), ("a", 24))
    ]
    a_bare_pool(engine, hosts=0, extra_hosts=machines)
    keep_crawl(engine, "demo", [a_node(2)])
    assert list(nodes_of(engine)["host"]) == ["a, b"]


def test_hosts_of_other_pools_lend_no_names(engine):
    a_bare_pool(engine, "other", hosts=1)
    a_bare_pool(engine, "demo", hosts=0)
    keep_crawl(engine, "demo", [a_node(2, ip=host_ip(1))])
    assert list(nodes_of(engine)["host"]) == [None]


@pytest.mark.parametrize(
    ("state", "bits", "health"),
    [
        ("answered", "1111", Health.CONSISTENT),
        ("answered", "1-1-", Health.CONSISTENT),
        ("answered", "1101", Health.INCONSISTENT),
        ("silent", "----", Health.SILENT),
        ("ghost", "----", Health.GHOST),
        ("left_over", "----", Health.LEFT_OVER),
    ],
)
def test_health_in_one_word(engine, state, bits, health):
    a_bare_pool(engine)
    keep_crawl(engine, "demo", [a_node(2, state=state, bits=bits)])
    assert list(nodes_of(engine)["health"]) == [health]


def test_the_local_node_is_the_one_on_none_of_the_hosts(engine):
    a_pool(engine, nodes=9)
    nodes = nodes_of(engine)
    assert list(nodes[nodes["local"]]["ip"]) == [LOCAL_IP]


def test_where_several_nodes_are_on_no_host_none_is_called_local(engine):
    a_bare_pool(engine, hosts=0)
    keep_crawl(engine, "demo", [a_node(2), a_node(4)])
    assert not nodes_of(engine)["local"].any()


def test_what_is_not_known_is_none_and_no_number(engine):
    a_bare_pool(engine)
    keep_crawl(
        engine, "demo", [a_node(2, state="silent", bits="----", consistency=0.0, ip=None), a_node(4, tcp=3)]
    )
    nodes = nodes_of(engine)
    assert list(nodes["ip"]) == [None, "10.0.0.1"]
    assert nodes["tcp"].isna().tolist() == [True, False]
    assert nodes["tcp"][1] == 3


def test_shortcuts_are_a_tuple(engine):
    a_bare_pool(engine)
    keep_crawl(engine, "demo", [a_node(2, shortcuts=f"{write(4)} {write(6)}"), a_node(4)])
    assert list(nodes_of(engine)["shortcuts"]) == [(write(4), write(6)), ()]


def test_a_crawl_of_forty_real_nodes(engine):
    a_bare_pool(engine, hosts=0)
    captured_crawl(engine, "demo")
    nodes = nodes_of(engine)
    assert len(nodes) == 40
    assert set(nodes["health"]) == {Health.CONSISTENT}
    # On a consistent ring each node's left is the next row, and its right the one before.
    addresses = list(nodes["address"])
    assert list(nodes["left"]) == addresses[1:] + addresses[:1]
    assert list(nodes["right"]) == addresses[-1:] + addresses[:-1]


def test_an_unknown_snapshot_is_an_empty_frame(engine):
    nodes = snapshot_nodes(engine, 4711)
    assert nodes.empty
    assert tuple(nodes.columns) == COLUMNS


def test_there_is_no_last_snapshot_before_the_first(engine):
    a_bare_pool(engine)
    assert last_snapshot_id(engine, "demo") is None
    assert last_snapshot_id(engine, "nobody") is None
    first = a_crawl(engine, "demo")
    assert last_snapshot_id(engine, "demo") == first
