"""Every pair of requests, however far the one has come and whichever was due first."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from p2ppool.actions.admission import Admission, Decision, QueueEntry, decide, place
from p2ppool.actions.catalogue import Action
from tests.unit.actions.tables import pairs_of

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
OTHER = 7  # its id

# What becomes of the one that arrives; `merge` only with the same action and parameters, else it waits.
WAITING_DUE_BEFORE = RUNNING_DUE_BEFORE = """
    arriving | there: stop | suspend  | change   | check    | read
    stop     | merge       | preempt  | preempt  | preempt  | preempt
    suspend  | refused     | merge    | preempt  | preempt  | preempt
    change   | refused     | wait     | preempt  | preempt  | preempt
    check    | refused     | wait     | wait     | {merge}  | wait
    read     | refused     | wait     | wait     | wait     | {merge}
"""
WAITING_DUE_AFTER = RUNNING_DUE_AFTER = """
    arriving | there: stop | suspend  | change   | check    | read
    stop     | merge       | preempt  | preempt  | preempt  | preempt
    suspend  | superseded  | merge    | preempt  | preempt  | preempt
    change   | superseded  | superseded| superseded| preempt  | preempt
    check    | superseded  | superseded| superseded| {merge}  | wait
    read     | superseded  | superseded| superseded| wait     | {merge}
"""
ENDING = ENDED_DUE_BEFORE = """
    arriving | there: stop | suspend  | change   | check    | read
    stop     | wait        | wait     | wait     | wait     | wait
    suspend  | wait        | wait     | wait     | wait     | wait
    change   | wait        | wait     | wait     | wait     | wait
    check    | wait        | wait     | wait     | wait     | wait
    read     | wait        | wait     | wait     | wait     | wait
"""
ENDED_DUE_AFTER = """
    arriving | there: stop | suspend  | change   | check    | read
    stop     | wait        | wait     | wait     | wait     | wait
    suspend  | superseded  | wait     | wait     | wait     | wait
    change   | superseded  | superseded| superseded| wait     | wait
    check    | wait        | wait     | wait     | wait     | wait
    read     | wait        | wait     | wait     | wait     | wait
"""

BEFORE, SAME, AFTER = timedelta(seconds=-5), timedelta(0), timedelta(seconds=5)

SITUATIONS = [
    ("waiting", BEFORE, WAITING_DUE_BEFORE.replace("{merge}", "merge")),
    ("waiting", SAME, WAITING_DUE_BEFORE.replace("{merge}", "merge")),
    ("waiting", AFTER, WAITING_DUE_AFTER.replace("{merge}", "merge")),
    ("running", BEFORE, RUNNING_DUE_BEFORE.replace("{merge}", "wait")),
    ("running", SAME, RUNNING_DUE_BEFORE.replace("{merge}", "wait")),
    ("running", AFTER, RUNNING_DUE_AFTER.replace("{merge}", "wait")),
    ("ending", BEFORE, ENDING),
    ("ending", SAME, ENDING),
    ("ending", AFTER, ENDING),
    ("ended", BEFORE, ENDED_DUE_BEFORE),
    ("ended", SAME, ENDED_DUE_BEFORE),
    ("ended", AFTER, ENDED_DUE_AFTER),
]

STANDINGS = {
    "waiting": {},
    "running": {"running": True},
    "ending": {"running": True, "ending": True},
    "ended": {"ending": True, "ended": True},
}

OUTCOMES = {
    "wait": Decision(Admission.WAITS),
    "preempt": Decision(Admission.WAITS, preempts=(OTHER,)),
    "merge": Decision(Admission.MERGES, OTHER),
    "refused": Decision(Admission.REFUSED, OTHER),
    "superseded": Decision(Admission.SUPERSEDED, OTHER),
}


def request(action, due=SAME, *, ident=0, parameters=None, **fields):
    """A request that was due a minute ago, or so much later."""
    when = NOW - timedelta(minutes=1) + due
    return QueueEntry(id=ident, action=action, parameters=parameters or {}, due=when, **fields)


@pytest.mark.parametrize(("how_far", "due", "table"), SITUATIONS)
def test_every_pair_of_actions(how_far, due, table):
    expected, found = {}, {}
    for arriving, there, cell in pairs_of(table):
        outcome = "wait" if cell == "merge" and arriving != there else cell
        expected[arriving, there] = OUTCOMES[outcome]
        other = request(there, due, ident=OTHER, **STANDINGS[how_far])
        found[arriving, there] = decide(request(arriving), [other], NOW)
    assert found == expected


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("how_far", ["waiting", "running"])
def test_nobody_merges_with_other_parameters(action, how_far):
    other = request(action, BEFORE, ident=OTHER, parameters={"pool": "a"}, **STANDINGS[how_far])
    new = request(action, parameters={"pool": "a", "retry_of": 3})
    assert decide(new, [other], NOW).admission is Admission.WAITS


@pytest.mark.parametrize(("arriving", "there"), list(product(Action, Action)))
def test_nothing_is_superseded_by_what_seems_due_in_the_future(arriving, there):
    other = request(there, timedelta(hours=1), ident=OTHER)
    assert decide(request(arriving), [other], NOW).admission is not Admission.SUPERSEDED


def test_what_is_due_at_this_very_moment_overtakes():
    other = request("stop", timedelta(minutes=1), ident=OTHER)
    assert (other.due, decide(request("check"), [other], NOW).admission) == (NOW, Admission.SUPERSEDED)


class TestSeveral:
    """What one request does about several others."""

    def test_all_that_it_preempts_are_preempted_but_not_what_ends_anyway(self):
        others = [
            request("install", BEFORE, ident=1, running=True, ending=True),
            request("resume", BEFORE, ident=2),
            request("crawl", BEFORE, ident=3),
        ]
        assert decide(request("suspend"), others, NOW).preempts == (2, 3)

    def test_a_refusal_preempts_nobody(self):
        others = [request("crawl", BEFORE, ident=1), request("stop", BEFORE, ident=2)]
        assert decide(request("install"), others, NOW) == Decision(Admission.REFUSED, 2)

    def test_to_be_superseded_comes_first(self):
        others = [request("stop", BEFORE, ident=1), request("suspend", AFTER, ident=2)]
        assert decide(request("install"), others, NOW) == Decision(Admission.SUPERSEDED, 2)

    def test_the_last_word_counts_although_it_merges(self):
        """Suspend, resume, suspend: the pool must not be active in the end."""
        others = [request("suspend", BEFORE, ident=1, running=True), request("resume", BEFORE, ident=2)]
        assert decide(request("suspend"), others, NOW) == Decision(Admission.MERGES, 1, preempts=(2,))


class TestPlace:
    """The due time to queue under."""

    @pytest.mark.parametrize("seconds", [-3600, -1, 0, 1])
    def test_it_is_the_request_s_own(self, seconds):
        due = NOW + timedelta(seconds=seconds)
        assert place(due, [NOW - timedelta(hours=2), NOW], NOW) == due

    def test_it_is_not_before_one_that_was_due_before_the_clock_was_set_back(self):
        earlier, later = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
        assert place(NOW, [earlier, later, NOW], NOW) == later

    def test_nobody_waits(self):
        assert place(NOW, [], NOW) == NOW
