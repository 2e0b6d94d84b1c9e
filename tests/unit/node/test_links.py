"""Who counts as alive, told step by step. Addresses are small numbers; the node itself is 0."""

import pytest

from p2ppool.node.address import RING
from p2ppool.node.links import (
    ASK_FOR,
    DEAD_AFTER,
    MOST_LINKS,
    MOST_SILENT,
    MOST_TOLD,
    NEAR,
    PING_EVERY,
    SILENT_FOR,
    SUSPECT_AFTER,
    Links,
)
from p2ppool.node.wire import Peer

HERE = ("10.0.0.1", 15000)
THERE = ("10.0.0.2", 15000)


NEIGHBOURS = [step % RING for step in range(-NEAR, NEAR + 1) if step]


def links_to(*nodes, at=0.0):
    links = Links(0)
    for node in nodes:
        links.heard(node, HERE, at)
    return links


def run(links, start, end):
    """Let time pass as a node does; returns who was pinged."""
    pinged = set()
    steps = round((end - start) * 10)
    for step in range(steps + 1):
        now = start + step / 10
        links.expire(now)
        pinged |= {peer.address for peer in links.due(now)}
    return pinged


def test_who_answers_is_a_link():
    assert links_to(5).endpoint(5) == HERE


def test_the_node_itself_is_none():
    links = links_to(0)
    assert links.endpoint(0) is None
    assert not links.ask(Peer(0, HERE), 0)


def test_who_is_only_named_is_asked_but_is_no_link():
    links = Links(0)
    assert links.told(Peer(5, HERE), 0)
    assert links.endpoint(5) is None
    assert not links.told(Peer(5, HERE), 0.1)


def test_who_would_be_no_neighbour_need_not_be_asked():
    links = links_to(*NEIGHBOURS)
    assert not links.told(Peer(1000, HERE), 0)


def test_whoever_speaks_is_asked_in_turn_so_that_links_are_mutual():
    links = links_to(*NEIGHBOURS)
    assert links.spoke(1000, HERE, 0)
    links.heard(1000, HERE, 0.1)
    assert not links.spoke(1000, HERE, 1)


def test_a_link_that_goes_on_speaking_need_not_be_a_neighbour():
    links = links_to(*NEIGHBOURS, 1000)
    for second in range(1, 9):
        links.spoke(1000, HERE, second)
        links.expire(second)
    assert links.endpoint(1000)


def test_a_link_moves_to_where_it_was_heard_last():
    links = links_to(5)
    links.heard(5, THERE, 1)
    assert links.endpoint(5) == THERE


def test_neighbours_are_pinged_when_nothing_was_heard_for_a_second():
    links = links_to(5, 6)
    links.heard(6, HERE, PING_EVERY / 2)
    assert run(links, 0, PING_EVERY) == {5}


def test_who_answers_no_ping_is_first_suspected_then_dropped():
    links = links_to(5, 6)
    links.heard(6, HERE, SUSPECT_AFTER)
    assert links.fresh(SUSPECT_AFTER) == [6]
    assert [peer.address for peer in links.around(5, SUSPECT_AFTER)] == [6]
    assert links.endpoint(5)
    links.heard(6, HERE, DEAD_AFTER)
    links.expire(DEAD_AFTER)
    assert links.endpoint(5) is None
    assert links.table.left(9) == [6]


def silent(kind):
    """Links in which node 5 has just fallen silent, and the time."""
    if kind == "dead":
        links = links_to(5)
        links.expire(DEAD_AFTER)
        return links, DEAD_AFTER
    links = Links(0)
    if kind == "asked in vain":
        links.told(Peer(5, HERE), 0)
        links.expire(ASK_FOR)
        return links, ASK_FOR
    links.heard(5, HERE, 0)
    links.left(5, 0)
    return links, 0.0


@pytest.mark.parametrize("kind", ["dead", "asked in vain", "left"])
def test_gossip_about_a_silent_node_is_not_heeded_for_a_while(kind):
    links, now = silent(kind)
    assert links.endpoint(5) is None
    assert not links.told(Peer(5, HERE), now)
    assert 5 not in run(links, now, now + SILENT_FOR - 0.2)
    assert not links.told(Peer(5, HERE), now + SILENT_FOR - 0.1)
    links.expire(now + SILENT_FOR)
    assert links.told(Peer(5, HERE), now + SILENT_FOR)


@pytest.mark.parametrize("kind", ["dead", "asked in vain", "left"])
def test_a_silent_node_that_speaks_is_asked_at_once(kind):
    links, now = silent(kind)
    assert links.spoke(5, THERE, now)
    links.heard(5, THERE, now + 0.1)
    assert links.endpoint(5) == THERE


def test_who_is_no_longer_needed_is_forgotten_without_a_grudge():
    links = links_to(1000)
    for node in NEIGHBOURS:
        links.heard(node, HERE, 1)
    links.expire(DEAD_AFTER)
    assert links.endpoint(1000) is None
    assert links.ask(Peer(1000, HERE), DEAD_AFTER)


def test_shortcuts_are_kept_alive_until_they_are_neighbours():
    links = links_to(*NEIGHBOURS, 1000)
    links.choose_shortcut(1000)
    links.choose_shortcut(1)
    links.choose_shortcut(2000)
    assert links.shortcuts == {1000}
    assert 1000 in run(links, 0, PING_EVERY)
    links.left(1, 2)
    links.expire(2)
    assert links.shortcuts == set()
    assert 1000 in links.near()


def test_time_in_which_this_process_stood_still_does_not_count():
    links = links_to(5)
    links.heard(6, HERE, 99)
    links.forgive(100, 100)
    links.expire(100 + DEAD_AFTER - 0.1)
    assert links.endpoint(5)
    links.expire(100 + DEAD_AFTER)
    assert len(links.table) == 0


def test_everything_is_bounded_and_neighbours_are_the_last_to_go():
    links = links_to(*NEIGHBOURS)
    for node in range(1000, 2000):
        links.heard(node, HERE, 1)
        links.ask(Peer(node + 5000, HERE), 1)
        links.left(node + 9000, 1)
    assert len(links.table) == MOST_LINKS
    assert len(links._told) == MOST_TOLD
    assert len(links._silent) == MOST_SILENT
    assert links.near() == set(NEIGHBOURS)


@pytest.mark.parametrize("count", [0, 1, 2 * NEAR - 1])
def test_the_size_of_a_small_ring_is_counted(count):
    assert links_to(*range(1, count + 1)).size() == count + 1


def test_the_size_of_a_large_ring_is_estimated():
    step = RING // 1000
    links = links_to(*(step * number % RING for number in range(-20, 21)))
    assert 900 <= links.size() <= 1100
