"""What has changed: whoever applies what he is given has all rows, whatever he missed."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.live.cache import SharedAnswers
from dashboards.live.deltas import Deltas, Have

ROWS = st.dictionaries(st.integers(0, 5), st.sampled_from("abc"))
STEPS = st.lists(st.tuples(ROWS, st.sets(st.integers(0, 2)), st.sampled_from(["", "lost", "restart"])))


class Viewer:
    """Has rows as a browser has them, and knows only what it has been given."""

    def __init__(self):
        self.rows = {}
        self.have = None

    def ask(self, deltas, *, lost=False):
        delta = deltas.since(self.have)
        if lost:  # the answer never came
            return
        known = {} if delta.whole else self.rows
        self.rows = {key: row for key, row in (known | delta.rows).items() if key not in delta.gone}
        self.have = delta.have


@given(STEPS)
def test_each_viewer_ends_up_with_all_rows(steps):
    """Each step changes the rows; some viewers ask then, some answers get lost, some servers start anew."""
    deltas, viewers, rows = Deltas(), [Viewer() for _ in range(3)], {}
    for rows, asking, fault in steps:
        if fault == "restart":
            deltas = Deltas()
        deltas.update(rows)
        for number in asking:
            viewers[number].ask(deltas, lost=fault == "lost")
            assert fault == "lost" or viewers[number].rows == rows
    for viewer in viewers:
        viewer.ask(deltas)
        assert viewer.rows == (rows if steps else {})


def test_only_what_changed_is_given():
    deltas = Deltas()
    deltas.update({1: "a", 2: "a", 3: "a"})
    have = deltas.since(None).have
    deltas.update({1: "a", 2: "b", 3: "a"})
    deltas.update({1: "a", 2: "b"})
    delta = deltas.since(have)
    assert (delta.whole, delta.rows, delta.gone) == (False, {2: "b"}, [3])
    assert deltas.since(delta.have).empty


def test_what_no_server_gave_is_worth_nothing():
    deltas = Deltas()
    deltas.update({1: "a"})
    name = deltas.since(None).have.kept
    for have in (Have("other", 1), Have(name, 99)):
        assert (deltas.since(have).whole, deltas.since(have).rows) == (True, {1: "a"})


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_all_who_ask_within_a_while_share_one_look():
    clock, looks = Clock(), []
    shared = SharedAnswers(lambda key, before: looks.append((key, before)) or len(looks), 2.0, clock=clock)
    assert [shared.at("a"), shared.at("a"), shared.at("b")] == [1, 1, 2]
    clock.now = 2.0
    assert shared.at("a") == 3
    assert looks == [("a", None), ("b", None), ("a", 1)]


def test_who_comes_while_another_looks_gets_what_was_seen_before():
    clock, begun, go_on = Clock(), threading.Event(), threading.Event()

    def look(_key, before):
        if before:
            begun.set()
            assert go_on.wait(30)
        return (before or 0) + 1

    shared = SharedAnswers(look, 1.0, clock=clock)
    shared.at("a")
    clock.now = 1.0
    found = []
    slow = threading.Thread(target=lambda: found.append(shared.at("a")))
    slow.start()
    assert begun.wait(30)
    assert shared.at("a") == 1
    go_on.set()
    slow.join()
    assert found == [2]


def test_an_error_is_told_and_the_next_one_looks_again():
    answers = [ZeroDivisionError(), "well"]

    def look(_key, _before):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    shared = SharedAnswers(look, 1.0)
    with pytest.raises(ZeroDivisionError):
        shared.at("a")
    assert shared.at("a") == "well"


def test_what_was_asked_for_longest_ago_is_forgotten():
    shared = SharedAnswers(lambda key, before: (key, before), 1.0, most=2, clock=(clock := Clock()))
    for key in "abac":
        shared.at(key)
    clock.now = 1.0
    assert [shared.at("a")[1], shared.at("b")[1]] == [("a", None), None]
