"""What the dispatcher does with requests, on both databases; tests/e2e has a real Prefect server."""

import signal
from datetime import timedelta
from itertools import count

import pytest

from deployments.dispatcher.dispatcher import Dispatcher
from p2ppool.actions import turns
from p2ppool.actions.processes import this_process
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PAGE, DueRun
from p2ppool.prefect_client.states import RunState
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import started

LEASE = 10.0


class FakePrefect:
    """Runs and their states, as Prefect keeps them."""

    def __init__(self):
        self.due, self.states_of, self.away = [], {}, False
        self._numbers = count(1)

    def ask(self, action, pool="demo", seconds_ago=0.0, *, scheduled=False, **parameters):
        run = f"run-{next(self._numbers)}"
        due = now() - timedelta(seconds=seconds_ago)
        tag = "auto-scheduled" if scheduled else "requester:ada"
        self.due.append(DueRun(run, action, {"pool": pool, **parameters}, (tag,), due, scheduled))
        self.states_of[run] = RunState("SCHEDULED", "Scheduled", "")
        return run

    def due_runs(self, deployments):
        if self.away:
            raise UserError("no Prefect server")
        scheduled = [run for run in self.due if self.states_of[run.id].type == "SCHEDULED"]
        return sorted(scheduled, key=lambda run: run.due)[:PAGE]

    def states(self, runs):
        if self.away:
            raise UserError("no Prefect server")
        return {run: self.states_of[run] for run in runs if run in self.states_of}

    def set_state(self, run, state):
        if self.away:
            raise UserError("no Prefect server")
        self.states_of[run] = state


class FakeProcesses(dict):
    """The runs that have a process, with the ticket that it was started for."""

    def __init__(self):
        super().__init__()
        self.codes, self.terminated = {}, []

    def start(self, run, action, ticket=None):
        self[run] = ticket

    def terminate(self, run):
        self.terminated.append(run)

    def die(self, run, code):
        del self[run]
        self.codes[run] = code

    def ended(self):
        codes, self.codes = self.codes, {}
        return codes


@pytest.fixture
def prefect():
    return FakePrefect()


@pytest.fixture
def processes():
    return FakeProcesses()


@pytest.fixture
def clock():
    """Seconds that a test can let pass."""
    return [0.0]


@pytest.fixture
def dispatcher(engine, prefect, processes, clock):
    a_bare_pool(engine, "demo")
    return new_dispatcher(engine, prefect, processes, clock)


def new_dispatcher(engine, prefect, processes, clock, limit=16):
    return Dispatcher(engine, prefect, processes, LEASE, limit, {"id": "any"}, lambda: clock[0])


def ticket_of(engine, run):
    with reading(engine) as work:
        return work.session.query(Ticket).where(Ticket.flow_run == run).order_by(Ticket.id.desc()).first()


def actions_asked_of(engine):
    with reading(engine) as work:
        return [ticket.action for ticket in work.session.query(Ticket)]


def begin(engine, run):
    """As the process of the run does: claim and start."""
    turns.claim(engine, ticket_of(engine, run).id, this_process())
    return turns.start(engine, ticket_of(engine, run).id)


def test_the_first_is_launched_and_the_others_say_behind_whom_they_wait(
    engine, dispatcher, prefect, processes
):
    check, crawl = prefect.ask("check", seconds_ago=2), prefect.ask("crawl", seconds_ago=1)
    dispatcher.round()
    assert processes == {check: ticket_of(engine, check).id}
    assert prefect.states_of[crawl] == RunState(
        "PENDING", "Waiting", f"waits behind check of ada (ticket {ticket_of(engine, check).id})"
    )


def test_requests_queue_as_they_were_due_and_not_as_they_are_listed(engine, dispatcher, prefect, processes):
    crawl, check = prefect.ask("crawl", seconds_ago=1), prefect.ask("check", seconds_ago=2)
    dispatcher.round()
    assert list(processes) == [check]
    assert ticket_of(engine, crawl).state is TicketState.WAITING


def test_what_merges_or_is_refused_costs_no_process(engine, dispatcher, prefect, processes):
    started(engine, "demo", "check")
    crawls = [prefect.ask("crawl") for _ in range(3)]
    dispatcher.round()
    assert processes == {}
    assert sorted(prefect.states_of[run].name for run in crawls) == ["Merged", "Merged", "Waiting"]
    started_stop = prefect.ask("stop")
    dispatcher.round()
    assert list(processes) == [started_stop]
    refused = prefect.ask("crawl")
    dispatcher.round()
    assert prefect.states_of[refused].name == "Refused"
    assert prefect.states_of[crawls[0]].name == "Cancelled"


def test_fifty_pools_with_a_waiting_run_each_have_no_process_for_them(engine, dispatcher, prefect, processes):
    for number in range(50):
        a_bare_pool(engine, f"pool-{number}", hosts=1)
        started(engine, f"pool-{number}", "check")
    runs = [prefect.ask("crawl", f"pool-{number}") for number in range(50)]
    dispatcher.round()
    assert processes == {}
    assert {prefect.states_of[run].name for run in runs} == {"Waiting"}


def test_a_request_is_launched_while_what_it_preempts_is_ending(engine, dispatcher, prefect, processes):
    held = started(engine, "demo", "crawl")
    install = prefect.ask("install")
    dispatcher.round()
    assert list(processes) == [install]
    assert ticket_of(engine, install).state is TicketState.WAITING
    turns.end(engine, held.ticket_id, TicketState.CANCELLED, "preempted")
    assert begin(engine, install).fence == held.fence + 1


def test_the_limit_of_processes_holds_for_all_but_what_is_urgent(
    engine, dispatcher, prefect, processes, clock
):
    a_bare_pool(engine, "other")
    narrow = new_dispatcher(engine, prefect, processes, clock, limit=1)
    first, second = prefect.ask("install"), prefect.ask("install", "other")
    narrow.round()
    assert list(processes) == [first]
    stop = prefect.ask("stop", "other")
    narrow.round()
    assert set(processes) == {first, stop}
    assert prefect.states_of[second].name == "Cancelled"


def test_a_creation_asks_itself_in_its_process(dispatcher, prefect, processes):
    run = prefect.ask("create", spec={"name": "new"})
    dispatcher.round()
    dispatcher.round()
    assert (processes, prefect.states_of[run].name) == ({run: None}, "Starting")


def test_a_creation_that_is_cancelled_before_it_has_a_ticket_gets_a_signal(dispatcher, prefect, processes):
    run = prefect.ask("create", spec={"name": "new"})
    dispatcher.round()
    prefect.states_of[run] = RunState("CANCELLING", "Cancelling", "")
    dispatcher.round()
    assert processes.terminated == [run]
    processes.die(run, -signal.SIGTERM)
    dispatcher.round()
    assert prefect.states_of[run].name == "Cancelled"


def test_exports_wait_for_no_action_and_none_for_them(engine, prefect, processes, clock):
    a_bare_pool(engine, "demo")
    narrow = new_dispatcher(engine, prefect, processes, clock, limit=1)
    first, second, third = (prefect.ask("export-csv") for _ in range(3))
    install = prefect.ask("install")
    narrow.round()
    assert set(processes) == {first, second, install}
    assert (processes[first], actions_asked_of(engine)) == (None, ["install"])
    processes.die(first, 0)
    narrow.round()
    narrow.round()
    assert set(processes) == {second, third, install}


@pytest.mark.parametrize("name", ["nowhere", "", "no\0pool", 7])
def test_an_unknown_pool_fails_the_run_in_one_line(dispatcher, prefect, processes, name):
    run = prefect.ask("crawl", name)
    dispatcher.round()
    assert prefect.states_of[run].name == "Failed"
    assert "no pool is named" in prefect.states_of[run].message
    assert processes == {}


def test_a_cancel_in_prefect_ends_what_waits_and_tells_what_runs(engine, dispatcher, prefect):
    (install,) = [prefect.ask("install")]
    dispatcher.round()
    turn = begin(engine, install)
    crawl = prefect.ask("crawl")
    dispatcher.round()
    for run in (install, crawl):
        prefect.states_of[run] = RunState("CANCELLING", "Cancelling", "")
    dispatcher.round()
    assert turns.renew(engine, turn) == "cancelled in Prefect"
    assert prefect.states_of[crawl] == RunState(
        "CANCELLED", "Cancelled", "cancelled in Prefect, before it started"
    )


def test_a_run_that_was_deleted_in_prefect_is_told_to_end(engine, dispatcher, prefect):
    run = prefect.ask("install")
    dispatcher.round()
    turn = begin(engine, run)
    del prefect.states_of[run]
    prefect.due.clear()
    dispatcher.round()
    assert turns.renew(engine, turn) == "its run was deleted in Prefect"


def test_a_process_that_ends_before_its_turn_is_started_again_but_not_for_ever(
    engine, dispatcher, prefect, processes
):
    run = prefect.ask("crawl")
    for _ in range(3):
        dispatcher.round()
        processes.die(run, 1)
    dispatcher.round()
    assert ticket_of(engine, run).state is TicketState.CRASHED
    assert prefect.states_of[run].name == "Crashed"
    assert processes == {}


def test_a_process_that_was_told_to_end_before_its_turn_is_not(engine, dispatcher, prefect, processes):
    run = prefect.ask("crawl")
    dispatcher.round()
    processes.die(run, -signal.SIGTERM)
    dispatcher.round()
    assert prefect.states_of[run].name == "Cancelled"
    assert processes == {}


def test_an_action_that_nobody_looks_after_ends_as_crashed_and_the_next_is_launched(
    engine, dispatcher, prefect, processes, clock
):
    install = prefect.ask("install")
    dispatcher.round()
    begin(engine, install)
    processes.clear()
    crawl = prefect.ask("crawl")
    for _ in range(12):
        clock[0] += LEASE / 10
        dispatcher.round()
    assert prefect.states_of[install].type == "CRASHED"
    assert list(processes) == [crawl]


def test_a_dispatcher_started_again_goes_on_where_the_other_was(
    engine, dispatcher, prefect, processes, clock
):
    check, crawl = prefect.ask("check", seconds_ago=2), prefect.ask("crawl", seconds_ago=1)
    dispatcher.round()
    turn = begin(engine, check)
    again = new_dispatcher(engine, prefect, FakeProcesses(), clock)
    again.round()
    assert again.processes == {}
    turns.end(engine, turn.ticket_id, TicketState.DONE, "all well")
    again.round()
    assert again.processes == {crawl: ticket_of(engine, crawl).id}


def test_prefect_is_told_how_a_run_ended_once_it_is_back(engine, dispatcher, prefect, processes, clock):
    install = prefect.ask("install")
    dispatcher.round()
    turn = begin(engine, install)
    turns.end(engine, turn.ticket_id, TicketState.DONE, "installed")
    processes.die(install, 1)
    prefect.away = True
    dispatcher.round()
    prefect.away = False
    clock[0] += 60  # the process of this test lives on; it had its time to say so itself
    dispatcher.round()
    clock[0] += 60
    dispatcher.round()
    assert prefect.states_of[install] == RunState("COMPLETED", "Completed", "installed")
    assert ticket_of(engine, install).notified


def test_a_run_that_prefect_runs_once_more_gets_a_new_ticket(engine, dispatcher, prefect):
    started(engine, "demo", "stop")
    run = prefect.ask("crawl")
    dispatcher.round()
    first = ticket_of(engine, run)
    assert (first.state, first.notified) == (TicketState.REFUSED, True)
    prefect.states_of[run] = RunState("SCHEDULED", "AwaitingRetry", "")
    dispatcher.round()
    assert ticket_of(engine, run).id != first.id


def test_of_the_runs_that_are_due_by_a_schedule_the_latest_is_done(engine, dispatcher, prefect, processes):
    ages = [7200, 5400, 3600, 1800]
    *early, latest = [prefect.ask("crawl", seconds_ago=age, scheduled=True) for age in ages]
    other = prefect.ask("check", seconds_ago=86_400, scheduled=True)
    asked = [prefect.ask("crawl", seconds_ago=age) for age in (100, 50)]
    dispatcher.round()
    message = f"skipped: the manager was down or busy; run {latest} replaces it"
    assert [prefect.states_of[run] for run in early] == 3 * [RunState("CANCELLED", "Skipped", message)]
    assert [ticket_of(engine, run) for run in early] == 3 * [None]
    assert {ticket_of(engine, run).requester for run in (latest, other)} == {"schedule"}
    assert [ticket_of(engine, run).merged_into for run in asked] == 2 * [ticket_of(engine, latest).id]
    assert list(processes) == [other]


def test_a_run_that_is_taken_up_is_not_skipped_though_its_process_is_still_starting(
    engine, dispatcher, prefect, processes
):
    first = prefect.ask("crawl", seconds_ago=9, scheduled=True)
    dispatcher.round()
    second = prefect.ask("crawl", scheduled=True)
    dispatcher.round()
    assert list(processes) == [first]
    assert ticket_of(engine, first).state is TicketState.WAITING
    assert ticket_of(engine, second).merged_into == ticket_of(engine, first).id


def test_skipped_runs_are_done_once_however_many_pages_they_fill(engine, dispatcher, prefect, processes):
    a_bare_pool(engine, "other", hosts=1)
    for age in range(PAGE, 0, -1):
        prefect.ask("crawl", seconds_ago=60 * age, scheduled=True)
        prefect.ask("crawl", "other", seconds_ago=60 * age, scheduled=True)
    dispatcher.round()
    assert [state.name for state in prefect.states_of.values()].count("Skipped") == 2 * PAGE - 2
    assert len(processes) == 2


class FakeKeeper:
    """Remembers for which pools schedules were made, and how often it looked."""

    def __init__(self):
        self.made, self.looks, self.away = [], 0, False

    def make(self, pool_id):
        if self.away:
            raise UserError("no Prefect server")
        self.made.append(pool_id)

    def keep(self):
        self.looks += 1


def test_schedules_are_made_once_after_a_creation_even_if_prefect_was_away(
    engine, dispatcher, prefect, clock
):
    keeper = FakeKeeper()
    keeping = Dispatcher(engine, prefect, FakeProcesses(), LEASE, 16, {"id": "any"}, lambda: clock[0], keeper)
    turn = started(engine, "demo", "create", run=prefect.ask("create", spec={"name": "demo"}))
    turns.end(engine, turn.ticket_id, TicketState.DONE, "installed")
    prefect.states_of["run-1"] = RunState("COMPLETED", "Completed", "installed")
    keeper.away = True
    keeping.round()
    assert not ticket_of(engine, "run-1").notified
    keeper.away, before = False, keeper.looks
    keeping.round()
    keeping.round()
    assert keeper.made == [turn.pool_id]
    assert ticket_of(engine, "run-1").notified
    assert keeper.looks == before + 1


def test_an_action_that_never_began_makes_no_schedules(engine, dispatcher, prefect, clock):
    keeper = FakeKeeper()
    keeping = Dispatcher(engine, prefect, FakeProcesses(), LEASE, 16, {"id": "any"}, lambda: clock[0], keeper)
    started(engine, "demo", "stop")
    prefect.ask("stop")
    keeping.round()
    assert keeper.made == []
