"""The table of who makes way for whom, written out a second time, as a person reads it."""

from itertools import product

import pytest

from p2ppool.actions import rules
from p2ppool.actions.rules import Action, Answer, Rank
from p2ppool.store.models import PoolState
from tests.unit.actions.tables import lines_of, pairs_of

TABLE = """
    arriving | there: stop | suspend       | change   | check            | look
    stop     | merges      | preempts      | preempts | preempts         | preempts
    suspend  | refused     | merges        | preempts | preempts         | preempts
    change   | refused     | waits         | preempts | preempts         | preempts
    check    | refused     | refused after | waits    | merges if waits  | waits
    look     | refused     | refused after | waits    | waits            | merges if waits
"""

WORDS = {
    "preempts": Answer.PREEMPTS,
    "waits": Answer.WAITS,
    "merges": Answer.MERGES,
    "merges if waits": Answer.MERGES_IF_WAITING,
    "refused": Answer.REFUSED,
    "refused after": Answer.REFUSED_AFTER,
}

STATES = """
    action          | active    | suspended | stopped   | gone    | leaves it
    stop            | done      | done      | done      | refused | stopped
    suspend         | done      | done      | refused   | refused | suspended
    create          | done      | done      | done      | refused | active
    install         | done      | done      | refused   | refused | active
    upgrade         | done      | done      | refused   | refused | active
    resume          | done      | done      | refused   | refused | active
    check           | done      | refused   | refused   | refused | as it was
    uninstall-check | refused   | refused   | done      | refused | as it was
    crawl           | done      | refused   | refused   | refused | as it was
    gather-logs     | done      | refused   | refused   | refused | as it was
    gather-results  | done      | refused   | refused   | refused | as it was
    verify          | done      | refused   | refused   | refused | as it was
    plan            | done      | refused   | refused   | refused | as it was
"""


@pytest.mark.parametrize(("arriving", "there", "answer"), pairs_of(TABLE))
def test_the_table_says(arriving, there, answer):
    assert rules.answer(arriving, there) is WORDS[answer]


def test_every_pair_of_actions_is_in_the_table():
    assert {(arriving, there) for arriving, there, _ in pairs_of(TABLE)} == set(product(Action, Action))


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_rank(action):
    assert rules.rank(action) in Rank


def test_a_rank_names_the_actions_that_it_is_of():
    for action in Action:
        assert action.replace("-", " ") in rules.rank(action).split(", ")


def test_what_is_no_action_has_no_rank():
    with pytest.raises(ValueError, match="dance"):
        rules.rank("dance")


LINES = [(action, states, leaves) for action, *states, leaves in lines_of(STATES)]


@pytest.mark.parametrize(("action", "states", "leaves"), LINES)
class TestPoolStates:
    def test_what_a_pool_refuses(self, action, states, leaves):
        refusals = [rules.refusal(action, state) for state in PoolState]
        assert ["refused" if why else "done" for why in refusals] == states

    def test_what_an_action_makes_of_a_pool(self, action, states, leaves):
        for before in PoolState:
            expected = before if leaves == "as it was" else PoolState(leaves)
            assert rules.state_after(action, before) is expected

    def test_what_decides_about_a_pool(self, action, states, leaves):
        assert rules.changes_pool(action) == (leaves != "as it was")


def test_every_action_has_its_line():
    assert [action for action, _, _ in LINES] == list(Action)


def test_a_refusal_says_how_to_mend_it():
    assert "`p2ppool pool stop`" in rules.refusal("uninstall-check", PoolState.ACTIVE)
    assert "`p2ppool pool resume`" in rules.refusal("check", PoolState.SUSPENDED)
    assert "`p2ppool pool create`" in rules.refusal("check", PoolState.STOPPED)
