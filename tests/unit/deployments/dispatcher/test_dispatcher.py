"""What the dispatcher does with requests, on both databases; tests/e2e has a real Prefect server."""

import signal

import pytest
from sqlalchemy import delete

from p2ppool.actions import turns
from p2ppool.actions.processes import this_process
from p2ppool.prefect_client import accepted_runs
from p2ppool.prefect_client.states import RunState
from p2ppool.store.models import Pool, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.manager.dispatching import (
    LEASE,
    FakeProcesses,
    actions_asked_of,
    begin,
    new_dispatcher,
    ticket_of,
)
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import started


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
    engine, dispatcher, prefect, processes, clock
):
    run = prefect.ask("crawl")
    for _ in range(9):
        dispatcher.round()
        clock[0] += 60
        dispatcher.round()
        processes.die(run, 1, "OSError: [Errno 28] No space left on device")
    dispatcher.round()
    assert ticket_of(engine, run).state is TicketState.CRASHED
    assert prefect.states_of[run].name == "Crashed"
    assert prefect.states_of[run].message == (
        "crashed: its process ended 9 times before it started, last by: "
        "OSError: [Errno 28] No space left on device"
    )
    assert processes == {}


@pytest.mark.parametrize("action", ["crawl", "create", "export-csv"])
def test_a_disturbance_of_half_a_minute_ends_nothing(dispatcher, prefect, processes, clock, action):
    run = prefect.ask(action)
    for _ in range(60):
        dispatcher.round()
        if run in processes:
            processes.die(run, 1)
        clock[0] += 0.5
    for _ in range(120):  # the pause in which it began may last as long again
        dispatcher.round()
        clock[0] += 0.5
    assert list(processes) == [run]
    assert not prefect.states_of[run].final


@pytest.mark.parametrize("action", ["create", "export-csv"])
def test_what_was_starting_when_everything_died_is_started_by_the_next_dispatcher(
    engine, dispatcher, prefect, clock, action
):
    run = prefect.ask(action)
    dispatcher.round()
    assert prefect.states_of[run].name == "Starting"
    again = new_dispatcher(engine, prefect, FakeProcesses(), clock)
    again.round()
    assert again.processes == {run: None}


def test_what_had_a_ticket_is_not_done_again_though_its_pool_was_deleted_since(
    engine, dispatcher, prefect, processes
):
    run = prefect.ask("create")
    dispatcher.round()
    turn = started(engine, "demo", "create", run=run)
    turns.end(engine, turn.ticket_id, TicketState.DONE, "installed")
    processes.die(run, 0)
    prefect.away = True
    dispatcher.round()
    with UnitOfWork(engine) as work:
        work.session.execute(delete(Pool))
        work.commit()
    prefect.away = False
    dispatcher.round()
    assert processes == {}
    with reading(engine) as work:
        assert accepted_runs.find(work.session, run) is None


def test_what_another_dispatchers_process_still_does_is_left_to_it(engine, dispatcher, prefect, clock):
    run = prefect.ask("export-csv")
    dispatcher.round()
    assert accepted_runs.claim(engine, run, this_process())
    again = new_dispatcher(engine, prefect, FakeProcesses(), clock)
    again.round()
    assert again.processes == {}
    assert not accepted_runs.claim(engine, run, this_process().replace(" ", "-", 1))


def test_what_ended_while_prefect_was_away_is_told_to_it_later(engine, dispatcher, prefect, processes):
    run = prefect.ask("export-csv")
    dispatcher.round()
    accepted_runs.end(engine, run, TicketState.DONE, "3 rows")
    processes.die(run, 0)
    prefect.away = True
    dispatcher.round()
    prefect.away = False
    dispatcher.round()
    assert prefect.states_of[run] == RunState("COMPLETED", "Completed", "3 rows")
    with reading(engine) as work:
        assert accepted_runs.find(work.session, run) is None


@pytest.mark.parametrize("action", ["create", "export-csv"])
def test_what_was_cancelled_in_prefect_before_it_began_never_begins(
    engine, dispatcher, prefect, clock, action
):
    run = prefect.ask(action)
    dispatcher.round()
    prefect.states_of[run] = RunState("CANCELLING", "Cancelling", "")
    again = new_dispatcher(engine, prefect, FakeProcesses(), clock)
    again.round_with_prefect()
    again.round_with_prefect()
    again.round()
    assert again.processes == {}
    assert prefect.states_of[run].type == "CANCELLED"


@pytest.mark.parametrize("state", ["CANCELLING", "CANCELLED", "FAILED"])
def test_what_is_ended_in_prefect_between_receipt_and_report_stays_ended(engine, dispatcher, prefect, state):
    first, second = prefect.ask("check", seconds_ago=2), prefect.ask("verify", seconds_ago=1)
    dispatcher.round_of_requests()
    prefect.states_of[second] = RunState(state, state.title(), "by hand")
    dispatcher.round_of_reports()
    assert prefect.states_of[first].name == "Waiting"
    assert prefect.states_of[second].type == state
    dispatcher.round_of_requests()
    assert ticket_of(engine, second).state is TicketState.CANCELLED


def test_turns_begin_and_leases_end_while_prefect_does_not_answer(
    engine, dispatcher, prefect, processes, clock
):
    install, crawl = prefect.ask("install", seconds_ago=2), prefect.ask("crawl", seconds_ago=1)
    dispatcher.round()
    begin(engine, install)
    processes.clear()
    prefect.hang()
    for _ in range(12):
        clock[0] += LEASE / 10
        dispatcher.round_of_turns()
    assert ticket_of(engine, install).state is TicketState.CRASHED
    assert list(processes) == [crawl]


@pytest.mark.parametrize("name", ["Failed", "Completed", "Cancelled"])
def test_a_run_and_its_ticket_say_the_same_in_the_end(engine, dispatcher, prefect, name):
    run = prefect.ask("crawl")
    dispatcher.round()
    prefect.states_of[run] = RunState(name.upper(), name, "by hand")
    dispatcher.round()
    dispatcher.round()
    assert ticket_of(engine, run).state is TicketState.CANCELLED
    assert prefect.states_of[run].name == "Cancelled"


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
