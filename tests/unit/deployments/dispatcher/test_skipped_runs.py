"""Of the scheduled runs that a manager missed, only the latest is done."""

from p2ppool.prefect_client.client import PAGE
from p2ppool.prefect_client.states import RunState
from p2ppool.store.models import TicketState
from tests.lab.manager.dispatching import ticket_of
from tests.lab.past.history import a_bare_pool


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
