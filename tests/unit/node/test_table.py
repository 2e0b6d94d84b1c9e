import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node import address
from p2ppool.node.table import Table
from tests.unit.node.simulation import true_neighbors

ANSWERS = Path(__file__).parents[2] / "data" / "brunet-answers"
NAMES = {"self", "left", "right", "left2", "right2"}

# Close together and far apart, so that equal addresses and the seam of the ring occur.
numbers = st.one_of(st.integers(0, 12), st.integers(address.RING - 12, address.RING - 1))
groups = st.lists(numbers, unique=True, max_size=16)


def table_of(own, others):
    table = Table(own)
    for other in others:
        table.add(other)
    return table


def by_steps_leftward(own, others):
    return sorted(set(others) - {own}, key=lambda other: address.leftward(own, other))


@given(numbers, groups, st.integers(1, 5))
def test_neighbours_are_those_of_a_plain_sorted_list(own, others, count):
    table, ring = table_of(own, others), by_steps_leftward(own, others)
    assert table.left(count) == ring[:count]
    assert table.right(count) == ring[::-1][:count]
    assert table.neighbors() == true_neighbors(sorted({own, *others}), own)


@given(numbers, groups, groups)
def test_taking_out_undoes_putting_in(own, others, gone):
    table = table_of(own, others)
    for other in gone:
        table.discard(other)
    remaining = by_steps_leftward(own, set(others) - set(gone))
    assert table.left(99) == remaining
    assert len(table) == len(remaining)
    assert all((other in table) == (other in remaining) for other in {*others, *gone, own})


@given(numbers, groups, numbers, st.integers(1, 4))
def test_would_be_near_foretells_what_adding_does(own, others, newest, count):
    table = table_of(own, others)
    foretold = table.would_be_near(newest, count)
    table.add(newest)
    assert foretold == (newest in {*table.left(count), *table.right(count)})


@given(numbers, groups, numbers, st.integers(1, 4))
def test_around_gives_the_nearest_on_both_sides_of_any_place(own, others, target, count):
    around = table_of(own, others).around(target, count)
    ring = sorted(set(others) - {own}, key=lambda other: address.leftward(target, other))
    assert len(around) == len(set(around))
    assert set(around) == {*ring[:count], *ring[-count:]}


@pytest.mark.parametrize("capture", ["crawl40.json", "multinode_secure_nc.json"])
def test_each_node_of_a_real_ring_names_the_neighbours_that_the_table_finds(capture):
    crawl = json.loads((ANSWERS / capture).read_text())
    for own, answer in crawl.items():
        table = table_of(address.parse(own), map(address.parse, crawl))
        ours = {name: address.write(node) for name, node in table.neighbors().items()}
        named = {name: node for name, node in answer["neighbors"].items() if name in NAMES}
        assert {"self": own, **ours} == named
