"""Consistency: who names whom back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node import address
from p2ppool.overlay.answer import Neighbours, read_information
from p2ppool.overlay.consistency import NO_BITS, judge, of_pool

ANSWERS = Path(__file__).parents[2] / "data" / "brunet-answers"

addresses = st.integers(0, address.RING // 2 - 1).map(lambda half: address.write(2 * half))
rings = st.lists(addresses, min_size=1, max_size=30, unique=True)


def ring_of(names):
    """A perfect ring of `names`, each next to the one after it in the list."""
    at = lambda place: names[place % len(names)]  # noqa: E731 - reads best as an index
    ring = {}
    for place, name in enumerate(names):
        ring[name] = Neighbours(name)
        if len(names) > 1:
            ring[name] = replace(ring[name], left=at(place + 1), right=at(place - 1))
        if len(names) > 2:
            ring[name] = replace(ring[name], left2=at(place + 2), right2=at(place - 2))
    return ring


def pool(asked):
    return of_pool(found.consistency for found in judge(asked).values())


def names(count):
    return [address.write(2 * number) for number in range(count)]


@given(rings)
def test_a_perfect_ring_of_any_size_has_consistency_1(ring):
    assert pool(ring_of(ring)) == 1.0


@given(rings.filter(lambda ring: len(ring) > 1), st.data())
def test_a_ring_whose_node_just_died_has_less(ring, data):
    asked = ring_of(ring)
    asked[data.draw(st.sampled_from(ring))] = None
    assert pool(asked) < 1.0


@given(rings, st.data())
def test_the_order_in_which_nodes_were_asked_does_not_matter(ring, data):
    asked = ring_of(ring)
    dead = data.draw(st.sets(st.sampled_from(ring)))
    asked = {name: None if name in dead else own for name, own in asked.items()}
    shuffled = {name: asked[name] for name in data.draw(st.permutations(ring))}
    assert judge(asked) == judge(shuffled)


@given(rings, st.data())
def test_neither_does_where_on_the_ring_the_nodes_are(ring, data):
    turn = data.draw(st.integers(0, len(ring) - 1))
    dead = data.draw(st.integers(0, len(ring) - 1))
    turned = ring[turn:] + ring[:turn]
    assert pool(ring_of(ring) | {ring[dead]: None}) == pytest.approx(
        pool(ring_of(turned) | {turned[dead]: None})
    )


@given(rings, st.data())
def test_consistency_lies_between_0_and_1_whoever_was_asked(ring, data):
    keep = data.draw(st.sets(st.sampled_from(ring), min_size=1))
    verdicts = judge({name: own for name, own in ring_of(ring).items() if name in keep})
    assert all(found.consistency is None or 0 <= found.consistency <= 1 for found in verdicts.values())


def test_eight_nodes_of_which_one_was_just_killed_have_three_quarters():
    asked = ring_of(names(8)) | {names(8)[3]: None}
    assert pool(asked) == 0.75


def test_seven_consistent_nodes_that_still_know_a_dead_one_have_seven_eighths():
    *living, dead = names(8)
    assert pool(ring_of(living) | {dead: None}) == 0.875


def test_a_node_alone_agrees_with_itself():
    (alone,) = names(1)
    assert judge(ring_of([alone])) == {alone: (NO_BITS, 1.0)}


def test_two_nodes_are_judged_by_left_and_right_alone():
    one, other = names(2)
    asked = {name: replace(own, left2=name, right2=name) for name, own in ring_of([one, other]).items()}
    assert judge(asked)[one] == ((True, None, True, None), 1.0)


def test_of_three_nodes_all_four_bits_count():
    assert judge(ring_of(names(3)))[names(3)[0]].bits == (True, True, True, True)


def test_a_position_that_a_node_leaves_empty_counts_against_it():
    asked = ring_of(names(5))
    first = names(5)[0]
    asked[first] = replace(asked[first], left2=None)
    assert judge(asked)[first] == ((True, False, True, True), 0.75)


def test_a_node_that_names_only_itself_gains_nothing_by_it():
    asked = ring_of(names(5))
    liar = names(5)[0]
    asked[liar] = Neighbours(liar, liar, liar, liar, liar)
    assert judge(asked)[liar] == ((False, False, False, False), 0.0)


def test_a_neighbour_that_was_never_asked_is_not_counted():
    asked = ring_of(names(8))
    first, second, *_ = names(8)
    del asked[second]
    assert judge(asked)[first] == ((None, True, True, True), 1.0)


def test_a_node_whose_neighbours_were_all_never_asked_has_no_consistency():
    first = names(8)[0]
    assert judge({first: ring_of(names(8))[first]}) == {first: (NO_BITS, None)}


def test_nothing_has_no_consistency():
    assert pool({}) is None


@pytest.mark.parametrize("capture", ["crawl40.json", "multinode_secure_nc.json"])
def test_it_agrees_with_the_crawls_captured_from_real_nodes(capture):
    nodes = json.loads((ANSWERS / capture).read_text())
    verdicts = judge({name: read_information(raw).neighbours for name, raw in nodes.items()})
    assert {name: sum(found.bits) for name, found in verdicts.items()} == {
        name: sum(raw["bits"]) for name, raw in nodes.items()
    }
    assert {name: found.consistency for name, found in verdicts.items()} == {
        name: raw["consistency"] for name, raw in nodes.items()
    }
