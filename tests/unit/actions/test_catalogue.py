"""The catalogue of actions: what reads it finds what it needs in every row."""

from pathlib import Path

import pytest

from p2ppool.actions import rules
from p2ppool.actions.catalogue import FLOWS, Action, Rank, actions_of
from p2ppool.store.states import PoolState

ROOT = Path(__file__).parents[3]


def test_each_rank_has_actions_and_each_action_one_rank():
    assert sorted(action for rank in Rank for action in actions_of(rank)) == sorted(Action)
    assert all(actions_of(rank) for rank in Rank)


def test_every_flow_has_a_file_and_every_file_a_row():
    files = {path.stem.replace("_", "-") for path in (ROOT / "flows").glob("*.py")} - {"--init--"}
    assert files == {*FLOWS, "export-csv"}


@pytest.mark.parametrize("action", Action)
def test_what_tries_an_action_again_is_an_action_that_repeats_itself(action):
    again = action.row.retried_as
    assert again is None or Action(again).row.retried_as == again


@pytest.mark.parametrize("action", Action)
def test_a_name_is_typed_only_to_answer_a_question(action):
    assert action.row.question or not action.row.typed


@pytest.mark.parametrize("action", Action)
def test_what_ends_nodes_for_good_or_cancels_most_asks_back(action):
    ends = {rules.state_after(action, PoolState.ACTIVE)} & {PoolState.STOPPED, PoolState.SUSPENDED}
    assert action.row.question or not ends


def test_a_row_reads_as_a_sentence():
    for action in Action:
        first, *_, last = action.row.summary
        assert (first.isupper(), last) == (True, ".")
