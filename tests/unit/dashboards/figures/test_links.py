"""Who names whom, by kind."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures.links import Links, links_of
from p2ppool.node.address import write
from tests.lab.past.crawled import captured_samples, ring_samples

A, B, C, D = (write(number) for number in (2, 4, 6, 8))


def frame(samples):
    blank = dict.fromkeys(("left", "left2", "right", "right2")) | {"bits": "----", "shortcuts": ""}
    rows = [blank | sample for sample in samples]
    return pd.DataFrame([row | {"shortcuts": tuple(row["shortcuts"].split())} for row in rows], dtype=object)


def test_a_link_that_both_ends_name_is_one_link():
    samples = [{"address": A, "left": B, "bits": "1---"}, {"address": B, "right": A, "bits": "--1-"}]
    assert links_of(frame(samples)) == Links(near={(0, 1)})


def test_a_neighbour_that_does_not_name_me_back_is_a_broken_link_in_one_direction():
    samples = [{"address": A}, {"address": B, "right": A, "bits": "--0-"}]
    assert links_of(frame(samples)) == Links(broken={(1, 0)})


def test_a_pair_has_one_kind_the_nearest():
    samples = [
        {"address": A, "left": B, "left2": B, "right2": C, "bits": "11-1", "shortcuts": f"{B} {C} {D}"},
        {"address": B},
        {"address": C},
        {"address": D},
    ]
    assert links_of(frame(samples)) == Links(near={(0, 1)}, second={(0, 2)}, shortcut={(0, 3)})


def test_nodes_that_name_themselves_nobody_or_a_stranger_have_no_link():
    stranger = write(4710)
    samples = [{"address": A, "left": A, "left2": stranger, "bits": "00--", "shortcuts": f"{A} {stranger}"}]
    assert links_of(frame(samples)) == Links()


def test_a_node_that_was_not_asked_still_is_at_the_end_of_links():
    samples = [{"address": A, "left": B, "bits": "----"}, {"address": B}]
    assert links_of(frame(samples)) == Links(near={(0, 1)})


def test_forty_real_nodes_make_a_closed_ring():
    samples = sorted(
        captured_samples(), key=lambda sample: sample["address"].translate(str.maketrans("234567", "[\\]^_`"))
    )
    links = links_of(frame(samples))
    assert links.near == {(place, place + 1) for place in range(39)} | {(0, 39)}
    assert links.second == {(place, place + 2) for place in range(38)} | {(0, 38), (1, 39)}
    assert links.broken == set()


@given(nodes=st.integers(2, 60), dead=st.integers(0, 12), seed=st.integers(0, 9999))
def test_there_are_as_many_broken_links_as_zero_bits_to_different_nodes(nodes, dead, seed):
    samples = ring_samples(nodes, min(dead, nodes - 1), 0, seed)
    named = {
        (sample["address"], sample[name])
        for sample in samples
        for name, bit in zip(("left", "left2", "right", "right2"), sample["bits"], strict=True)
        if bit == "0" and sample[name] != sample["address"]
    }
    links = links_of(frame(samples))
    assert len(links.broken) == len(named)
    kinds = [links.near, links.second, links.shortcut]
    assert len(set().union(*kinds)) == sum(map(len, kinds))
