"""Where nodes and links lie on the ring."""

import re
from itertools import pairwise
from math import dist, hypot, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures.geometry import Spacing, arc, chord, lifted, point, shorter_arc, turns
from p2ppool.node.address import RING, write

angles = st.floats(0, 1, exclude_max=True)
numbers = st.integers(0, RING - 1)
NEAR = 1e-3  # paths are written with four digits


def points_of(path):
    return [tuple(map(float, pair.split(","))) for pair in re.findall(r"-?\d+\.\d+,-?\d+\.\d+", path)]


@given(angles)
def test_every_node_is_on_the_circle(turn):
    assert isclose(hypot(*point(turn)), 1)


@pytest.mark.parametrize(("turn", "spot"), [(0, (0, 1)), (0.25, (1, 0)), (0.5, (0, -1)), (0.75, (-1, 0))])
def test_turns_go_clockwise_from_the_top(turn, spot):
    assert dist(point(turn), spot) < 1e-9


@given(st.lists(numbers, min_size=1, max_size=50, unique=True))
def test_gaps_between_nodes_are_those_between_their_addresses(values):
    values.sort()
    places = turns([write(value) for value in values], Spacing.ADDRESS)
    assert all(0 <= place <= 1 for place in places)
    for value, place in zip(values, places, strict=True):
        assert isclose(place, value / RING)
    assert places == sorted(places)


@given(st.integers(1, 300))
def test_even_spacing_leaves_equal_gaps(count):
    places = turns([""] * count, Spacing.EVEN)
    assert places[0] == 0
    assert all(isclose(after - before, 1 / count, abs_tol=1e-9) for before, after in pairwise([*places, 1.0]))


def test_a_ring_without_nodes_has_no_turns():
    assert turns([], Spacing.EVEN) == turns([], Spacing.ADDRESS) == []


@given(angles, angles)
def test_the_shorter_arc_is_at_most_half_a_turn_and_arrives(start, end):
    length = shorter_arc(start, end)
    assert -0.5 < length <= 0.5
    assert dist(point(start + length), point(end)) < 1e-6


@given(angles, angles)
def test_each_line_joins_its_two_nodes(start, end):
    for line in (arc, lifted, chord):
        spots = points_of(line(start, end))
        assert dist(spots[0], point(start)) < NEAR
        assert dist(spots[-1], point(end)) < NEAR


@given(angles, angles)
def test_arcs_follow_the_circle_lifted_ones_stay_outside_chords_inside(start, end):
    assert all(isclose(hypot(*spot), 1, abs_tol=NEAR) for spot in points_of(arc(start, end)))
    assert all(1 - NEAR <= hypot(*spot) <= 1.22 for spot in points_of(lifted(start, end)))
    assert all(hypot(*spot) <= 1 + NEAR for spot in points_of(chord(start, end)))


@given(angles, angles)
def test_a_lifted_line_rises_so_that_it_is_seen(start, end):
    assert max(hypot(*spot) for spot in points_of(lifted(start, end))) > 1.04


@given(angles, st.floats(0.001, 0.49), st.floats(0, 3))
def test_a_chord_is_the_same_from_either_end(start, length, bend):
    end = (start + length) % 1
    there, back = points_of(chord(start, end, bend)), points_of(chord(end, start, bend))
    assert all(dist(one, other) < 2 * NEAR for one, other in zip(there, reversed(back), strict=True))
