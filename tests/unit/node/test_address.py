import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node import address

ANSWERS = Path(__file__).parents[2] / "data" / "brunet-answers"

numbers = st.integers(0, address.RING - 1)


@given(numbers)
def test_what_is_written_reads_back(number):
    assert address.parse(address.write(number)) == number


def test_addresses_of_real_nodes_read_and_write_back():
    texts = list(json.loads((ANSWERS / "crawl40.json").read_text()))
    assert [address.write(address.parse(text)) for text in texts] == texts


def test_real_nodes_have_even_addresses_and_so_have_new_ones():
    real = [address.parse(text) for text in json.loads((ANSWERS / "crawl40.json").read_text())]
    ours = [address.new() for _ in range(40)]
    assert not any(number % 2 for number in [*real, *ours])


@given(
    st.one_of(
        st.text(),
        st.none(),
        st.integers(),
        st.lists(st.text()),
        st.text("AQ27a1=", max_size=40).map("brunet:node:".__add__),
    )
)
def test_anything_else_is_refused_in_one_way(text):
    try:
        number = address.parse(text)
    except address.AddressError:
        return
    assert address.write(number) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "brunet:node:",
        "brunet:node:" + "A" * 26 + "=" * 6,
        "brunet:node:" + "A" * 31,
        "brunet:node:" + "a" * 32,
        "brunet:ipv4:" + "A" * 32,
    ],
)
def test_near_misses_are_refused(text):
    with pytest.raises(address.AddressError):
        address.parse(text)


@given(numbers, numbers)
def test_a_turn_leftward_and_the_rest_of_it_make_one_round(one, other):
    there, back = address.leftward(one, other), address.leftward(other, one)
    assert (there + back) % address.RING == 0
    assert address.distance(one, other) == min(there, back)


@given(numbers, st.integers(1, 99))
def test_siblings_are_even_differ_and_stay_the_same(first, index):
    sibling = address.sibling(first, index)
    assert sibling == address.sibling(first, index)
    assert sibling % 2 == 0
    assert sibling not in (first, address.sibling(first, index + 1))


def test_the_first_node_of_a_process_has_the_address_of_the_config():
    assert address.sibling(12345678, 0) == 12345678
