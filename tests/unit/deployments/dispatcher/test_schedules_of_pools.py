"""The dispatcher makes the schedules of a pool once it is created."""

from p2ppool.actions import turns
from p2ppool.prefect_client.states import RunState
from p2ppool.store.models import TicketState
from tests.lab.manager.dispatching import FakeKeeper, FakeProcesses, new_dispatcher, ticket_of
from tests.lab.past.turns import started


def test_schedules_are_made_once_after_a_creation_even_if_prefect_was_away(
    engine, dispatcher, prefect, clock
):
    keeper = FakeKeeper()
    keeping = new_dispatcher(engine, prefect, FakeProcesses(), clock, keeper=keeper)
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
    keeping = new_dispatcher(engine, prefect, FakeProcesses(), clock, keeper=keeper)
    started(engine, "demo", "stop")
    prefect.ask("stop")
    keeping.round()
    assert keeper.made == []
