import random

import pytest

from p2ppool.node.seeds import HANDFUL, LONGEST_PAUSE, LONGEST_PAUSE_ALONE, Seeds

KNOWN = [("10.0.0.1", port) for port in range(1, 301)]


def rounds(seeds, start, end, *, alone):
    """What is asked, as lists, from `start` to `end`, in seconds."""
    asked = (seeds.due(tick / 10, alone=alone) for tick in range(start * 10, end * 10))
    return [endpoints for endpoints in asked if endpoints]


def test_the_first_seconds_are_eager():
    assert len(rounds(Seeds(KNOWN, random.Random(0)), 0, 4, alone=True)) >= 5


def test_each_round_asks_a_handful_at_random():
    asked = rounds(Seeds(KNOWN, random.Random(0)), 0, 600, alone=True)
    assert {len(endpoints) for endpoints in asked} == {HANDFUL}
    assert len({endpoint for endpoints in asked for endpoint in endpoints}) > 150


@pytest.mark.parametrize(("alone", "pause"), [(True, LONGEST_PAUSE_ALONE), (False, LONGEST_PAUSE)])
def test_later_it_goes_on_for_good_but_seldom(alone, pause):
    seeds = Seeds(KNOWN, random.Random(0))
    rounds(seeds, 0, 60, alone=alone)
    assert 0.8 < len(rounds(seeds, 60, 660, alone=alone)) * pause / 600 < 1.25


def test_endpoints_may_come_late():
    known = []
    seeds = Seeds(known, random.Random(0))
    assert rounds(seeds, 0, 10, alone=True) == []
    known.append(("10.0.0.1", 1))
    assert rounds(seeds, 10, 15, alone=True)[0] == known
