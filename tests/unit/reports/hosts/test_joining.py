"""The config with which a node of one's own joins a pool."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from sqlalchemy import select

from p2ppool.records.pools import find_pool
from p2ppool.reports.hosts import joining
from p2ppool.reports.hosts.joining import joining_config, meeting_points, spread
from p2ppool.store.models import Host, HostState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, a_pool


def config(engine, name="demo"):
    with reading(engine) as work:
        return ET.fromstring(joining_config(work.session, find_pool(work.session, name)))


def addresses(engine):
    return [ta.text for ta in config(engine).iter("Transport")]


def test_it_names_the_hosts_whose_nodes_answered(engine):
    a_pool(engine, nodes=9, dead=3)
    with reading(engine) as work:
        pool = find_pool(work.session, "demo")
        known = {f"brunet.udp://{host.address}:{pool.udp_port}" for host in pool.hosts}
    found = addresses(engine)
    assert len(found) == 5
    assert set(found) < known


def test_members_of_groups_meet_all_hosts_first_those_that_are_online(engine, monkeypatch):
    a_pool(engine, nodes=9, dead=3)
    with reading(engine) as work:
        pool = find_pool(work.session, "demo")
        found = [str(point) for point in meeting_points(work.session, pool)]
        every = {f"brunet.udp://{host.address}:{pool.udp_port}" for host in pool.hosts}
        online = found[:5]
        assert set(online) == set(addresses(engine))
        assert (set(found), len(found)) == (every, len(every))
        monkeypatch.setattr(joining, "MOST_HOSTS", 6)
        assert [str(point) for point in meeting_points(work.session, pool)] == found[:6]
        monkeypatch.setattr(joining, "MOST_HOSTS", 3)
        few = [str(point) for point in meeting_points(work.session, pool)]
        assert (len(few), set(few) < set(online)) == (3, True)


def test_without_any_crawl_it_names_all_members(engine):
    a_bare_pool(engine, hosts=4)
    assert len(addresses(engine)) == 4
    with UnitOfWork(engine) as work:
        work.session.scalars(select(Host)).first().state = HostState.LEAVING
        work.commit()
    assert len(addresses(engine)) == 3


def test_it_is_a_config_of_the_pools_namespace_without_xml_rpc(engine):
    a_bare_pool(engine)
    found = config(engine)
    assert found.findtext("BrunetNamespace") == "p2ppool-demo"
    assert found.find("XmlRpcManager") is None
    assert found.find("NodeAddress") is None


@pytest.mark.parametrize(("hosts", "expected"), [(3, 3), (200, 200), (201, 200), (5000, 200)])
def test_at_most_two_hundred_spread_over_all(hosts, expected):
    chosen = spread([str(number) for number in range(hosts)], 200)
    assert (len(chosen), len(set(chosen))) == (expected, expected)
    gaps = [int(after) - int(before) for before, after in pairwise(chosen)]
    assert max(gaps) - min(gaps) <= 1
