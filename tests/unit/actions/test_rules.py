"""The table of who makes way for whom, written out a second time, as a person reads it."""

import re
from itertools import product

import pytest

from p2ppool.actions import rules
from p2ppool.actions.catalogue import Action
from p2ppool.actions.rules import Answer
from p2ppool.store.models import PoolState
from tests.unit.actions.tables import lines_of, pairs_of

TABLE = """
    arriving | there: stop | suspend       | change   | check            | read
    stop     | merges      | preempts      | preempts | preempts         | preempts
    suspend  | refused     | merges        | preempts | preempts         | preempts
    change   | refused     | waits         | preempts | preempts         | preempts
    check    | refused     | waits         | waits    | merges if waits  | waits
    read     | refused     | waits         | waits    | waits            | merges if waits
"""

WORDS = {
    "preempts": Answer.PREEMPTS,
    "waits": Answer.WAITS,
    "merges": Answer.MERGES,
    "merges if waits": Answer.MERGES_IF_WAITING,
    "refused": Answer.REFUSED,
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


def test_what_is_no_action_has_no_rule():
    with pytest.raises(ValueError, match="dance"):
        rules.answer("dance", "crawl")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("    read     | refused", "    reads    | refused", "['read'] missing, ['reads'] never used"),
        ("| read\n", "| crawl\n", "['read'] missing, ['crawl'] never used"),
        ("| merges   | preempts |", "| preempts |", "['suspend'] have more or fewer cells"),
        ("merges if it waits | waits", "dances | waits", "'dances' is not a valid Answer"),
        ("    suspend  |", "    stop     |", "a name stands twice"),
    ],
)
def test_a_table_of_turns_is_complete_or_no_table(old, new, why):
    assert old in rules.TURNS
    with pytest.raises(ValueError, match=re.escape(why)):
        rules.parse_turns(rules.TURNS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("    read            |", "    crawl           |", "['read'] missing, [] never used"),
        ("    uninstall-check |", "    dance           |", "['dance'] never used"),
        ("| gone\n", "| dead\n", "['gone'] missing, ['dead'] never used"),
        ("→ suspended  |", "→ dancing    |", "'dancing' is not a valid PoolState"),
        ("resume first", "think first", "'think first' is neither a state nor a reason"),
    ],
)
def test_a_table_of_states_is_complete_or_no_table(old, new, why):
    assert old in rules.STATES
    with pytest.raises(ValueError, match=re.escape(why)):
        rules.parse_states(rules.STATES.replace(old, new, 1))


def test_every_reason_to_refuse_is_given_somewhere():
    given = {rules.refusal(action, state) for action in Action for state in PoolState} - {None}
    assert given == set(rules.REFUSALS.values())


LINES = [(action, states, leaves) for action, *states, leaves in lines_of(STATES)]


@pytest.mark.parametrize(("action", "states", "leaves"), LINES)
class TestPoolStates:
    def test_what_a_pool_refuses(self, action, states, leaves):
        refusals = [rules.refusal(action, state) for state in PoolState]
        assert ["refused" if why else "done" for why in refusals] == states

    def test_what_an_action_makes_of_a_pool(self, action, states, leaves):
        for before in PoolState:
            unchanged = leaves == "as it was" or rules.refusal(action, before)
            expected = before if unchanged else PoolState(leaves)
            assert rules.state_after(action, before) is expected

    def test_what_decides_about_a_pool(self, action, states, leaves):
        assert rules.changes_pool(action) == (leaves != "as it was")


def test_every_action_has_its_line():
    assert sorted(action for action, _, _ in LINES) == sorted(Action)


def test_a_refusal_says_how_to_fix_it():
    assert "`p2ppool pool stop`" in rules.refusal("uninstall-check", PoolState.ACTIVE)
    assert "`p2ppool pool resume`" in rules.refusal("check", PoolState.SUSPENDED)
    assert "`p2ppool pool create`" in rules.refusal("check", PoolState.STOPPED)
