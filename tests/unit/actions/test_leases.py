"""Who is taken for dead, by a clock that the test moves."""

import pytest

from p2ppool.actions import leases
from p2ppool.actions.leases import LeaseWatch, Lost
from p2ppool.store.models import Ticket, TicketState

LEASE = 16.0
LOOKS = 4.0  # seconds between two looks: a quarter of the lease is just often enough


class Watcher:
    """A watch, and the tickets that it is shown, with their heartbeat."""

    def __init__(self):
        self.moment = 1000.0
        self.beats = {1: 5}
        self.owner = None
        self.watch = LeaseWatch(LEASE, clock=lambda: self.moment)

    def look(self, after=LOOKS):
        self.moment += after
        shown = [
            Ticket(id=ident, heartbeat=heartbeat, state=TicketState.RUNNING, owner=self.owner)
            for ident, heartbeat in self.beats.items()
        ]
        return [lost.ticket_id for lost in self.watch.check(shown)]

    def looks(self, count):
        return [self.look() for _ in range(count)]


@pytest.fixture
def watcher():
    return Watcher()


def test_a_full_lease_of_silence_is_too_much(watcher):
    assert watcher.looks(5) == [[], [], [], [], [1]]


def test_it_says_what_was_seen(watcher):
    watcher.looks(4)
    watcher.moment += LOOKS
    (lost,) = watcher.watch.check([Ticket(id=1, heartbeat=5, state=TicketState.RUNNING)])
    assert lost == Lost(1, 5, "its process has been silent for 16 s")


def test_less_than_a_lease_is_not(watcher):
    watcher.look()
    assert [watcher.look(3.99) for _ in range(4)] == [[], [], [], []]
    assert watcher.look(0.05) == [1]


def test_a_heartbeat_in_between_begins_a_new_lease(watcher):
    watcher.looks(4)
    watcher.beats[1] += 1
    assert watcher.looks(5) == [[], [], [], [], [1]]


def test_a_heartbeat_that_falls_is_one_too(watcher):
    """A database that was restored from a copy."""
    watcher.looks(4)
    watcher.beats[1] = 0
    assert watcher.look() == []


def test_a_gap_between_two_looks_proves_nothing(watcher):
    watcher.looks(4)
    assert watcher.look(LEASE / 4 + 0.25) == []
    assert watcher.looks(4) == [[], [], [], [1]]


def test_nor_does_a_very_long_one(watcher):
    watcher.looks(2)
    assert watcher.look(10 * LEASE) == []


def test_the_first_look_may_come_late(watcher):
    assert watcher.look(10 * LEASE) == []
    assert watcher.looks(4) == [[], [], [], [1]]


def test_what_is_not_shown_is_forgotten(watcher):
    watcher.looks(4)
    beats, watcher.beats = watcher.beats, {}
    watcher.look()
    watcher.beats = beats
    assert watcher.looks(5) == [[], [], [], [], [1]]


def test_each_ticket_has_a_lease_of_its_own(watcher):
    watcher.looks(2)
    watcher.beats[2] = 0
    assert watcher.looks(5) == [[], [], [1], [1], [1, 2]]


def test_a_process_that_is_gone_is_not_waited_for(watcher, monkeypatch):
    monkeypatch.setattr(leases, "is_gone", lambda process: process == "gone")
    watcher.owner = "there"
    assert watcher.look() == []
    watcher.owner = "gone"
    assert watcher.look(after=0.0) == [1]


def test_not_even_after_a_gap(watcher, monkeypatch):
    monkeypatch.setattr(leases, "is_gone", lambda process: process == "gone")
    watcher.owner = "gone"
    assert watcher.look(10 * LEASE) == [1]
