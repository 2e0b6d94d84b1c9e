"""What a node and its neighbours say of each other."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.node.address import write
from p2ppool.reports.nodes.agreement import OPPOSITE, Claim, Finding, agreement_of
from p2ppool.reports.nodes.nodes import Health
from tests.lab.past.crawled import ring_samples

A, B, C, D = (write(number) for number in (2, 4, 6, 8))
BLANK = dict.fromkeys(("left", "left2", "right", "right2")) | {
    "state": "answered",
    "health": Health.CONSISTENT,
    "bits": "----",
    "shortcuts": (),
}


def frame(*nodes):
    return pd.DataFrame([BLANK | node for node in nodes], dtype=object)


def side_of(*nodes, position="left"):
    found = agreement_of(frame(*nodes), A)
    return next(side for side in found.sides if side.position == position)


def test_a_neighbour_that_names_it_back_agrees():
    side = side_of({"address": A, "left": B, "bits": "1---"}, {"address": B, "right": A})
    assert (side.neighbour, side.opposite, side.finding) == (B, "right", Finding.AGREES)


def test_a_neighbour_that_names_another_is_quoted():
    side = side_of({"address": A, "left": B, "bits": "0---"}, {"address": B, "right": C})
    assert (side.finding, side.instead) == (Finding.NAMES_ANOTHER, C)


@pytest.mark.parametrize("named", [None, B])
def test_a_neighbour_that_names_nobody_or_itself(named):
    side = side_of({"address": A, "left": B, "bits": "0---"}, {"address": B, "right": named})
    assert (side.finding, side.instead) == (Finding.NAMES_NOBODY, None)


@pytest.mark.parametrize("health", [Health.SILENT, Health.GHOST, Health.LEFT_OVER])
def test_a_neighbour_that_was_not_heard(health):
    other = {"address": B, "state": health.value, "health": health}
    assert side_of({"address": A, "left": B, "bits": "0---"}, other).finding == health.value


@pytest.mark.parametrize(
    ("own", "finding"),
    [
        ({"left": D, "bits": "----"}, Finding.UNKNOWN),
        ({"bits": "0---"}, Finding.EMPTY),
        ({"left": A, "bits": "0---"}, Finding.SELF),
        ({"bits": "----"}, Finding.TOO_FEW),
    ],
)
def test_positions_without_a_neighbour_in_the_crawl(own, finding):
    assert side_of({"address": A, **own}).finding is finding


def test_who_names_a_node_that_does_not_name_it():
    found = agreement_of(
        frame(
            {"address": A, "left": B, "bits": "1---"},
            {"address": B, "right": A, "left": A},
            {"address": C, "right2": A},
        ),
        A,
    )
    assert found.claims == (Claim(B, "left"), Claim(C, "right2"))


def test_a_mute_node_has_claims_only():
    found = agreement_of(
        frame({"address": A, "state": "ghost", "health": Health.GHOST}, {"address": B, "right": A}),
        A,
    )
    assert (found.sides, found.claims) == ((), (Claim(B, "right"),))


def test_a_node_that_is_not_in_the_crawl():
    assert agreement_of(frame({"address": B}), A) is None


@given(st.integers(12, 30), st.integers(0, 6), st.integers(0, 999))
def test_findings_say_what_the_bits_say(nodes, dead, seed):
    samples = ring_samples(nodes, dead, 0, seed)
    rows = [
        BLANK
        | sample
        | {
            "shortcuts": tuple(sample.get("shortcuts", "").split()),
            "health": Health(sample["state"]) if sample["state"] != "answered" else Health.CONSISTENT,
        }
        for sample in samples
    ]
    crawl = frame(*rows)
    for row in rows:
        found = agreement_of(crawl, row["address"])
        confirmed = "".join("1" if side.finding is Finding.AGREES else "0" for side in found.sides)
        assert confirmed == (row["bits"] if row["state"] == "answered" else "")
        assert [side.position for side in found.sides] in ([], list(OPPOSITE))
