"""Crawls of a ring of real node processes: what a manager sees when a node dies, leaves, or joins."""

import pytest

from p2ppool.overlay.crawler import CrawlLimits, crawl
from p2ppool.overlay.snapshot import NodeState
from tests.lab.overlay.ring import start_ring
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow

LIMITS = CrawlLimits(timeout=2.0, last_round_timeout=2.0)
CONVERGENCE = 90
SIZE = 8


@pytest.fixture
def ring(tmp_path):
    with start_ring(SIZE, tmp_path) as ring:
        whole(ring, SIZE)
        yield ring


def crawled(ring):
    with ring.gateway() as gateway:
        return crawl(gateway, LIMITS)


def whole(ring, size):
    """The first crawl that finds `size` nodes, nobody else, and all of them at one."""

    def found():
        result = crawled(ring)
        return result if len(result.nodes) == size and result.consistency == 1.0 else None

    return eventually(found, CONVERGENCE)


def node_of(ring, number, result):
    (address,) = ring.addresses(number)
    return next((node for node in result.nodes if node.address == address), None)


def test_eight_nodes_form_a_whole_ring(ring):
    result = crawled(ring)
    assert (result.answered, result.complete, result.consistency) == (SIZE, True, 1.0)
    assert [node_of(ring, number, result).ip for number in range(SIZE)] == [
        f"127.0.77.{number + 1}" for number in range(SIZE)
    ]
    ring_order = [node.address for node in result.nodes]
    assert [node.left for node in result.nodes] == ring_order[1:] + ring_order[:1]


def test_a_killed_node_is_named_by_the_next_crawl_and_the_ring_heals(ring):
    ring.kill(3)
    result = crawled(ring)
    dead = node_of(ring, 3, result)
    assert dead.state in (NodeState.SILENT, NodeState.GHOST)
    assert dead.error
    assert (result.answered, result.complete) == (SIZE - 1, True)
    assert result.consistency < 1.0
    assert result.seconds < 30
    assert node_of(ring, 3, whole(ring, SIZE - 1)) is None


def test_a_node_that_leaves_politely_is_gone(ring):
    ring.leave(5)
    assert node_of(ring, 5, whole(ring, SIZE - 1)) is None


def test_a_node_that_joins_is_found(ring):
    newest = ring.start()
    assert node_of(ring, newest, whole(ring, SIZE + 1)).state is NodeState.ANSWERED


@pytest.mark.parametrize(("processes", "nodes_per_process"), [(1, 1), (2, 1), (3, 1), (3, 4)])
def test_rings_of_every_size_become_whole(tmp_path, processes, nodes_per_process):
    size = processes * nodes_per_process
    with start_ring(processes, tmp_path, nodes_per_process) as ring:
        result = whole(ring, size)
        named = [address for number in range(processes) for address in ring.addresses(number)]
    assert sorted(node.address for node in result.nodes) == sorted(named)
    assert {node.type for node in result.nodes} == {"BasicNode" if nodes_per_process == 1 else "MultiNode"}
