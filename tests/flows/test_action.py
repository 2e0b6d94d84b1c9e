"""Whatever happens to a run, its ticket says how it ended."""

import inspect
import os
import signal

import pytest
from prefect.exceptions import Abort
from prefect.logging import disable_run_logger

from flows.base.action import _act, _in_turn, action
from flows.base.ending import Ending
from p2ppool.actions import turns
from p2ppool.actions.catalogue import Action
from p2ppool.actions.processes import this_process
from p2ppool.cli.terminal.database import store
from p2ppool.errors import UserError
from p2ppool.pools.recording import results
from p2ppool.store.models import TicketState
from p2ppool.store.trouble import DatabaseError
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, pool_of
from tests.lab.past.turns import asked, started, ticket
from tests.lab.waiting import eventually
from tests.unit.fleet.outcomes import cancelled_outcome, good_outcome


@pytest.fixture
def engine(data_folder):
    """The database of the settings, with a pool of eight hosts."""
    engine = store()
    a_bare_pool(engine, "demo", hosts=8)
    with disable_run_logger():
        yield engine


def done(held):
    return Ending(TicketState.DONE, "all well")


def raising(error):
    def body(held):
        raise error

    return body


def told(cancel_by):
    """A body that works until it is told to end, by what `cancel_by` does."""

    def body(held):
        cancel_by(held)
        eventually(lambda: held.cancel.cancelled)
        return Ending(TicketState.DONE, "as if nothing had happened")

    return body


def test_a_body_ends_its_ticket(engine):
    ended = _in_turn(asked(engine, "demo"), done)
    assert (ended.state, ended.message, ended.fence) == (TicketState.DONE, "all well", 1)
    assert ended.owner == this_process()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("no way"), "no way"),
        (DatabaseError("the database x", "it is locked", OSError()), "the database x: it is locked"),
        (ZeroDivisionError(), "internal error (ZeroDivisionError): see the log of the run"),
    ],
)
def test_an_error_fails_the_ticket_in_one_line(engine, error, message):
    ended = _in_turn(asked(engine, "demo"), raising(error))
    assert (ended.state, ended.message) == (TicketState.FAILED, message)


def test_a_preempted_body_says_by_whom_and_which_hosts_it_had_done(engine):
    def work_a_little(held):
        turns.progress(engine, held.turn, 2, 8)
        first, second, *_ = results.targets_of(pool_of(engine, "demo"))
        with UnitOfWork(engine) as work:
            results.keep(work.session, held.turn.ticket_id, [good_outcome(first), cancelled_outcome(second)])
            work.commit()
        asked(engine, "demo", "stop", requester="ada")

    ended = _in_turn(asked(engine, "demo", "install"), told(work_a_little))
    assert (ended.state, ended.preempted_by) == (TicketState.CANCELLED, ended.id + 1)
    assert ended.message == (
        f"preempted by stop of ada (ticket {ended.id + 1}); hosts: 1 done, 0 failed, 1 cut off, 6 not started"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cancels_as_a_manager_does(engine, number):
    before = signal.getsignal(number)
    ended = _in_turn(asked(engine, "demo"), told(lambda held: os.kill(os.getpid(), number)))
    assert (ended.state, ended.message) == (
        TicketState.CANCELLED,
        f"cancelled: its process got {signal.Signals(number).name}",
    )
    assert signal.getsignal(number) is before


def test_a_run_whose_ticket_has_ended_meanwhile_does_not_act(engine):
    late = asked(engine, "demo", "install")
    asked(engine, "demo", "stop")
    ended = _in_turn(late, raising(AssertionError("it acted")))
    assert ended.state is TicketState.CANCELLED
    assert "before it started" in ended.message


def test_a_turn_that_another_has_ended_keeps_that_ending(engine):
    def lose(held):
        turns.end(engine, held.turn.ticket_id, TicketState.CRASHED, "taken for dead")

    ended = _in_turn(asked(engine, "demo"), told(lose))
    assert (ended.state, ended.message) == (TicketState.CRASHED, "taken for dead")


def test_a_second_process_of_the_same_run_leaves_it_alone(engine):
    ident = asked(engine, "demo")
    turns.claim(engine, ident, "another process that nobody knows to be gone")
    with pytest.raises(Abort):
        _in_turn(ident, raising(AssertionError("it acted")))
    assert ticket(engine, ident).state is TicketState.WAITING


def test_it_waits_for_what_holds_the_pool(engine):
    owner = started(engine, "demo", "check")
    ident = asked(engine, "demo", "crawl")

    def end_the_holder(held, ahead):
        turns.end(engine, owner.ticket_id, TicketState.DONE, "done")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.base.action._log_waiting", end_the_holder)
        ended = _in_turn(ident, done)
    assert (ended.state, ended.fence) == (TicketState.DONE, owner.fence + 1)


def test_a_request_that_cannot_be_made_is_a_failed_run_with_that_line(engine):
    def refuse():
        raise UserError("no pool is named 'x'")

    state = _act(refuse, done)
    assert (state.is_failed(), state.message) == (True, "no pool is named 'x'")


@pytest.mark.parametrize(("action_", "type_", "name"), [("crawl", "COMPLETED", "Merged")])
def test_what_merges_ends_in_a_state_that_says_so(engine, action_, type_, name):
    started(engine, "demo", "check")
    asked(engine, "demo", action_)
    state = _act(lambda: asked(engine, "demo", action_), raising(AssertionError("it acted")))
    assert (state.type.value, state.name) == (type_, name)
    assert "merged into crawl of tester" in state.message


def test_what_is_refused_ends_in_a_state_that_says_so(engine):
    started(engine, "demo", "stop")
    state = _act(lambda: asked(engine, "demo", "crawl"), raising(AssertionError("it acted")))
    assert (state.type.value, state.name) == ("CANCELLED", "Refused")
    assert state.message == "stop of tester (ticket 1) is in progress"


def test_the_form_of_a_flow_is_its_body_without_the_turn():
    @action(Action.CRAWL)
    def crawl(held, pool: str, depth: int = 1) -> Ending:
        """Look."""

    assert list(inspect.signature(crawl.fn).parameters) == ["pool", "depth"]
    assert crawl.parameters.model_dump()["required"] == ["pool"]
    assert (crawl.name, crawl.description) == ("crawl", "Look.")
