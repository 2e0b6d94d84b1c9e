"""Of a crawl on real hosts: whose node it is, whatever network devices a host has."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from p2ppool.overlay.answer import read_information
from p2ppool.overlay.snapshot import Crawl, CrawledNode, NodeState
from p2ppool.pools.recording.own_nodes import OwnNodes

RING = Path(__file__).parents[3] / "data" / "brunet-rings" / "ring11-with-two-members.json"
HOSTS = [f"10.231.63.{number}" for number in range(11, 19)]
AWAY = "203.0.113.7"


def node(address="brunet:node:A", *ips, **what):
    first = ips[0] if ips else None
    return CrawledNode(**{"address": address, "state": NodeState.ANSWERED, "ip": first, "ips": ips} | what)


def crawl(*nodes):
    return Crawl(datetime(2026, 11, 30, tzinfo=UTC), 1.0, nodes)


def captured():
    """The crawl of eight hosts, a local node, and two machines of members that run on two of the hosts."""
    answers = {address: read_information(raw) for address, raw in json.loads(RING.read_text()).items()}
    told = {address: vars(answer.description) for address, answer in answers.items()}
    return crawl(*(node(address, **description) for address, description in told.items()))


@pytest.mark.parametrize(
    ("ips", "where"),
    [
        (("172.17.0.1", "10.231.63.12"), "10.231.63.12"),
        (("10.8.0.2", "172.17.0.1"), "10.8.0.2"),
        ((), None),
    ],
    ids=["docker0 first", "none of a host", "none"],
)
def test_a_node_is_where_any_of_its_addresses_is_a_host_s(ips, where):
    assert OwnNodes((ip, None) for ip in HOSTS).ip_of(node("brunet:node:A", *ips)) == where


def test_the_node_that_the_agent_has_read_on_a_host_is_there_whatever_it_reports():
    own = OwnNodes([(HOSTS[0], "brunet:node:A"), (HOSTS[1], "brunet:node:B")])
    assert own.ip_of(node("brunet:node:A", "172.17.0.1", HOSTS[1])) == HOSTS[0]
    assert own.ip_of(node("brunet:node:A", state=NodeState.GHOST)) is None


def test_members_of_groups_are_not_the_pool_s_own():
    found = captured()
    of_hosts = [one for one in found.nodes if not one.ip_namespace and set(one.ips) & set(HOSTS)]
    assert (found.answered, len(of_hosts)) == (11, 8)
    own = OwnNodes((next(ip for ip in one.ips if ip in HOSTS), one.address) for one in of_hosts)
    assert own.others(found, expected=9) == 2
    assert OwnNodes((ip, None) for ip in HOSTS).others(found, expected=9) == 2


def test_a_member_that_is_a_host_s_node_is_the_pool_s_own():
    members = [one for one in captured().nodes if one.ip_namespace]
    own = OwnNodes([(HOSTS[0], members[0].address)])
    assert own.others(crawl(*members), expected=2) == 1
    assert own.ip_of(members[0]) == HOSTS[0]


@pytest.mark.parametrize(("away", "others"), [(0, 0), (1, 0), (2, 1), (3, 2)])
def test_users_own_nodes_count_where_they_are_more_than_should_be(away, others):
    nodes = [node(f"brunet:node:{number}", ip) for number, ip in enumerate(HOSTS)]
    strangers = [node(f"brunet:node:X{number}", AWAY) for number in range(away)]
    assert OwnNodes((ip, None) for ip in HOSTS).others(crawl(*nodes, *strangers), expected=9) == others
