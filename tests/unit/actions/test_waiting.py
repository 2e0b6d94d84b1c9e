"""Waiting for a turn in a process, on both databases."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from p2ppool.actions import turns, waiting
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.processes import this_process
from p2ppool.actions.turns import Turn
from p2ppool.cancel import CancelToken
from p2ppool.store.models import TicketState
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import asked, started, ticket
from tests.lab.waiting import eventually


@pytest.fixture
def pool(engine):
    return a_bare_pool(engine, hosts=1)


class Waiter:
    """Waits for the turn of a ticket in a thread; by its clock every look is a second after the last."""

    def __init__(self, engine, ident, lease=1e9):
        self.cancel = CancelToken()
        self.told = []
        watch = LeaseWatch(lease, clock=count().__next__)
        arguments = (engine, ident, watch, self.cancel, lambda _, ahead: self.told.append(ahead and ahead.id))
        self._threads = ThreadPoolExecutor(1)
        self._found = self._threads.submit(waiting.wait, *arguments)

    def found(self):
        return self._found.result(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cancel.cancel("the test is over")
        self._threads.shutdown()


def finish(engine, ident):
    turns.end(engine, ident, TicketState.DONE, "done")


def name_of_a_process_that_is_gone():
    child = subprocess.Popen(["sleep", "infinity"])
    started_at = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    child.kill()
    child.wait()
    boot, namespace, _, _ = this_process().split()
    return f"{boot} {namespace} {child.pid} {started_at}"


def test_a_free_pool_is_had_at_once(engine, pool):
    ident = asked(engine, pool)
    with Waiter(engine, ident) as waiter:
        assert waiter.found() == Turn(ident, ticket(engine, ident).pool_id, 1)
    assert waiter.told == []


def test_it_waits_for_the_one_that_runs(engine, pool):
    runs = started(engine, pool, "check")
    waits = asked(engine, pool, "crawl")
    with Waiter(engine, waits) as waiter:
        eventually(lambda: waiter.told)
        assert ticket(engine, waits).state is TicketState.WAITING
        finish(engine, runs.ticket_id)
        assert waiter.found().fence == 2
    assert waiter.told == [runs.ticket_id]


def test_it_says_behind_whom_whenever_that_changes(engine, pool):
    runs = started(engine, pool, "check").ticket_id
    before, waits = asked(engine, pool, "crawl"), asked(engine, pool, "verify")
    with Waiter(engine, waits) as waiter:
        eventually(lambda: waiter.told == [before])
        turns.cancel(engine, before, "cancelled by ada")
        eventually(lambda: waiter.told == [before, runs])
        finish(engine, runs)
        assert isinstance(waiter.found(), Turn)


def test_it_ends_one_whose_process_is_gone(engine, pool):
    runs = asked(engine, pool, "check")
    turns.claim(engine, runs, name_of_a_process_that_is_gone())
    turns.start(engine, runs)
    with Waiter(engine, asked(engine, pool, "crawl")) as waiter:
        assert isinstance(waiter.found(), Turn)
    assert ticket(engine, runs).message == "crashed: its process is gone"


def test_it_ends_one_that_is_silent_for_a_lease(engine, pool):
    runs = started(engine, pool, "check").ticket_id
    with Waiter(engine, asked(engine, pool, "crawl"), lease=4.0) as waiter:
        assert isinstance(waiter.found(), Turn)
    assert ticket(engine, runs).message == "crashed: its process has been silent for 4 s"


def test_it_ends_one_that_waits_before_it_and_is_silent(engine, pool):
    before, waits = asked(engine, pool, "check"), asked(engine, pool, "crawl")
    turns.claim(engine, before, "some process of another machine")
    with Waiter(engine, waits, lease=4.0) as waiter:
        assert isinstance(waiter.found(), Turn)
    assert ticket(engine, before).state is TicketState.CRASHED


def test_it_ends_nobody_behind_it(engine, pool):
    runs = started(engine, pool, "check").ticket_id
    waits, behind = asked(engine, pool, "crawl"), asked(engine, pool, "verify")
    turns.claim(engine, behind, name_of_a_process_that_is_gone())
    with Waiter(engine, waits) as waiter:
        eventually(lambda: ticket(engine, waits).heartbeat > 2)
        finish(engine, runs)
        assert isinstance(waiter.found(), Turn)
    assert ticket(engine, behind).state is TicketState.WAITING


def test_nobody_is_missed_who_needs_no_process_yet(engine, pool):
    """A waiting ticket that has no process is launched by the dispatcher, however late."""
    before, waits = asked(engine, pool, "check"), asked(engine, pool, "crawl")
    with Waiter(engine, waits, lease=4.0):
        eventually(lambda: ticket(engine, waits).heartbeat > 8)
    assert ticket(engine, before).state is TicketState.WAITING


def test_a_cancel_ends_the_waiting_ticket(engine, pool):
    runs = started(engine, pool, "check").ticket_id
    waits = asked(engine, pool, "crawl")
    with Waiter(engine, waits) as waiter:
        waiter.cancel.cancel("its process got SIGTERM")
        found = waiter.found()
    message = "cancelled: its process got SIGTERM, before it started"
    assert (found.state, found.message) == (TicketState.CANCELLED, message)
    assert ticket(engine, runs).cancel is None


def test_it_ends_when_it_is_preempted(engine, pool):
    started(engine, pool, "check")
    with Waiter(engine, asked(engine, pool, "crawl")) as waiter:
        stop = asked(engine, pool, "stop")
        assert waiter.found().preempted_by == stop


def test_it_ends_when_its_turn_comes_too_late(engine, pool):
    suspend = started(engine, pool, "suspend").ticket_id
    with Waiter(engine, asked(engine, pool, "crawl")) as waiter:
        finish(engine, suspend)
        assert waiter.found().state is TicketState.REFUSED


def test_whom_somebody_has_to_look_after(engine, pool):
    runs = started(engine, pool, "check").ticket_id
    owned, unattended = asked(engine, pool, "crawl"), asked(engine, pool, "verify")
    ended = asked(engine, pool, "crawl")
    turns.claim(engine, owned, "some process")
    other = started(engine, a_bare_pool(engine, "other", hosts=1)).ticket_id
    ahead = waiting.queue_before(engine, ticket(engine, unattended))
    assert [each.id for each in waiting.owned(ahead)] == [runs, owned]
    assert waiting.queue_before(engine, ticket(engine, ended)) == []
    with reading(engine) as work:
        assert sorted(each.id for each in waiting.all_owned(work.session)) == [runs, owned, other]
