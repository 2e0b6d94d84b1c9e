"""Who came, went, moved and changed between two crawls."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node.address import write
from p2ppool.reports.nodes.churn import (
    Churn,
    NodeInCrawl,
    Turnover,
    churn,
    nodes_by_address,
    turnover,
    turnover_by_crawl,
)
from p2ppool.reports.nodes.nodes import Health, snapshot_nodes
from p2ppool.store.models import NodeSample
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.crawled import ring_samples
from tests.lab.past.history import a_bare_pool, keep_crawl

OK, GHOST, SILENT = Health.CONSISTENT, Health.GHOST, Health.SILENT


def node(number, place=0, health=OK):
    ip = f"10.0.0.{place}" if place else None
    return NodeInCrawl(address=write(number), ip=ip, host=None, health=health)


def crawl(*nodes):
    return {node.address: node for node in nodes}


def between(earlier, later):
    return churn(crawl(*earlier), crawl(*later))


def test_nothing_changed():
    assert between([node(2, 1), node(4, 2)], [node(4, 2), node(2, 1)]) == Churn()


def test_who_is_in_one_crawl_only_came_or_went():
    assert between([node(2, 1), node(4, 2)], [node(4, 2), node(6, 3)]) == Churn(
        came=(node(6, 3),), went=(node(2, 1),)
    )


def test_another_address_in_the_same_place_is_a_reinstalled_node():
    assert between([node(2, 1)], [node(8, 1)]) == Churn(reinstalled=((node(2, 1), node(8, 1)),))


def test_of_several_in_one_place_as_many_pairs_as_there_are():
    earlier, later = [node(2, 1), node(4, 1), node(6, 1)], [node(8, 1), node(10, 1)]
    assert between(earlier, later) == Churn(
        went=(node(6, 1),), reinstalled=((node(2, 1), node(8, 1)), (node(4, 1), node(10, 1)))
    )


def test_who_never_reported_a_place_is_not_taken_for_another():
    assert between([node(2)], [node(8)]) == Churn(came=(node(8),), went=(node(2),))
    assert between([node(2)], [node(2, 1)]) == Churn()


def test_the_same_address_in_another_place_moved():
    assert between([node(2, 1)], [node(2, 2)]) == Churn(moved=((node(2, 1), node(2, 2)),))


def test_a_node_that_turned_into_a_ghost_went_and_did_not_move():
    living, dead = node(2, 1), node(2, 2, GHOST)
    assert between([living], [dead]) == Churn(went=(living,))
    assert between([dead], []) == Churn()
    assert between([dead], [living]) == Churn(came=(living,))


def test_a_silent_node_is_still_there():
    assert between([node(2, 1)], [node(2, 1, SILENT)]) == Churn(changed=((node(2, 1), node(2, 1, SILENT)),))


crawls = st.dictionaries(
    st.integers(1, 12), st.tuples(st.integers(0, 4), st.sampled_from(Health)), max_size=12
)


def plain(earlier, later):
    """Addresses of each kind, counted one by one."""
    alive = [{n for n, (_, health) in each.items() if health is not GHOST} for each in (earlier, later)]
    came, went = sorted(alive[1] - alive[0]), sorted(alive[0] - alive[1])
    pairs = []
    for old in list(went):
        twins = [new for new in came if later[new][0] == earlier[old][0] != 0]
        if twins:
            pairs.append((old, twins[0]))
            went.remove(old)
            came.remove(twins[0])
    both = sorted(alive[0] & alive[1])
    moved = [n for n in both if 0 != earlier[n][0] != later[n][0] != 0]
    changed = [n for n in both if earlier[n][1] is not later[n][1]]
    return came, went, pairs, moved, changed


@given(crawls, crawls)
def test_it_is_what_a_plain_count_finds(earlier, later):
    found = between(*([node(2 * n, *rest) for n, rest in each.items()] for each in (earlier, later)))
    came, went, pairs, moved, changed = plain(earlier, later)

    def addresses(numbers):
        return [write(2 * n) for n in numbers]

    assert [n.address for n in found.came] == addresses(came)
    assert [n.address for n in found.went] == addresses(went)
    assert [(o.address, n.address) for o, n in found.reinstalled] == [tuple(addresses(p)) for p in pairs]
    assert [n.address for n, _ in found.moved] == addresses(moved)
    assert [n.address for n, _ in found.changed] == addresses(changed)


@given(crawls, crawls)
def test_backwards_who_came_went(earlier, later):
    there, back = (
        between(*([node(2 * n, *rest) for n, rest in each.items()] for each in pair))
        for pair in ((earlier, later), (later, earlier))
    )
    assert (there.came, there.went) == (back.went, back.came)
    assert len(there.reinstalled) == len(back.reinstalled)


@given(st.lists(st.sets(st.integers(0, 20)), max_size=8))
def test_the_turnover_adds_up(there):
    steps = turnover(there)
    assert len(steps) == max(0, len(there) - 1)
    if there:
        assert len(there[0]) + sum(step.came - step.went for step in steps) == len(there[-1])


def test_the_turnover_of_stored_crawls(engine):
    a_bare_pool(engine)
    samples = random.Random(3).sample(ring_samples(9), 9)
    ghost = {"state": "ghost", "bits": "----"}
    ids = [
        keep_crawl(engine, "demo", found)
        for found in (samples[:7], samples[2:8], samples, [*samples[:8], samples[8] | ghost])
    ]
    assert turnover_by_crawl(engine, ids) == dict(
        zip(ids[1:], [Turnover(1, 2), Turnover(3, 0), Turnover(0, 1)], strict=True)
    )
    with UnitOfWork(engine) as work:
        work.session.query(NodeSample).where(NodeSample.snapshot_id == ids[1]).delete()
        work.commit()
    assert turnover_by_crawl(engine, ids) == {ids[2]: Turnover(2, 0), ids[3]: Turnover(0, 1)}
    assert turnover_by_crawl(engine, []) == {}


@pytest.mark.parametrize("dead", [0, 3])
def test_a_stored_crawl_as_it_was_seen(engine, dead):
    a_bare_pool(engine)
    nodes = snapshot_nodes(engine, keep_crawl(engine, "demo", ring_samples(9, dead)))
    found = nodes_by_address(nodes)
    assert list(found) == list(nodes["address"])
    assert sum(not node.is_there for node in found.values()) == dead // 2
    assert {node.host for node in found.values()} >= {"node01", None}
