"""Asking for a turn, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from p2ppool.actions import turns
from p2ppool.actions.catalogue import Action
from p2ppool.actions.turns import Turn
from p2ppool.records.pools import get_pool
from p2ppool.store.models import Pool, PoolState, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, change_ticket
from tests.lab.past.turns import asked, started, ticket


@pytest.fixture
def pool(engine):
    return a_bare_pool(engine, hosts=1)


def put(engine, pool, state):
    """Make of the pool what an action that has ended would have."""
    with UnitOfWork(engine) as work:
        get_pool(work.session, pool).state = state
        work.commit()


def state_of(engine, pool):
    with reading(engine) as work:
        return work.session.scalars(select(Pool.state).where(Pool.name == pool)).one()


def count(engine):
    with reading(engine) as work:
        return work.session.scalar(select(func.count(Ticket.id)))


def ended(engine, ident, *, notified=True):
    """The ticket has ended, and Prefect knows so or not."""
    turns.end(engine, ident, TicketState.DONE, "done")
    change_ticket(engine, ident, notified=notified)


class TestOneRun:
    """A run of Prefect that asks more than once."""

    def test_gets_its_ticket_again_while_that_waits_or_runs(self, engine, pool):
        first = asked(engine, pool, run="run-1")
        assert asked(engine, pool, run="run-1") == first
        assert isinstance(turns.start(engine, first), Turn)
        assert asked(engine, pool, run="run-1") == first
        assert count(engine) == 1

    def test_gets_its_ticket_again_while_prefect_does_not_know_how_it_ended(self, engine, pool):
        first = asked(engine, pool, run="run-1")
        ended(engine, first, notified=False)
        assert asked(engine, pool, run="run-1") == first

    def test_gets_its_merged_ticket_again(self, engine, pool):
        asked(engine, pool)
        merged = asked(engine, pool, run="run-1")
        assert ticket(engine, merged).state is TicketState.MERGED
        assert asked(engine, pool, run="run-1") == merged

    def test_gets_a_new_ticket_when_prefect_runs_it_once_more(self, engine, pool):
        first = asked(engine, pool, run="run-1")
        ended(engine, first)
        second = asked(engine, pool, run="run-1")
        assert second != first
        assert asked(engine, pool, run="run-1") == second

    def test_of_an_action_without_prefect_each_request_is_one_of_its_own(self, engine, pool):
        first, second = asked(engine, pool, "check"), asked(engine, pool, "crawl")
        assert first != second
        assert ticket(engine, first).notified


class TestPoolStates:
    """What a pool refuses, by what it is to be."""

    @pytest.mark.parametrize(
        "action", [action for action in Action if action not in {"stop", "create", "uninstall-check"}]
    )
    def test_a_stopped_pool_refuses_at_once(self, engine, pool, action):
        put(engine, pool, PoolState.STOPPED)
        found = ticket(engine, asked(engine, pool, action))
        assert (found.state, found.started_at) == (TicketState.REFUSED, None)
        assert "the pool is stopped" in found.message
        assert "p2ppool pool create" in found.message

    def test_create_brings_a_stopped_pool_back(self, engine, pool):
        put(engine, pool, PoolState.STOPPED)
        started(engine, pool, "create")
        assert state_of(engine, pool) is PoolState.ACTIVE

    def test_stop_may_be_done_again(self, engine, pool):
        put(engine, pool, PoolState.STOPPED)
        started(engine, pool, "stop")
        assert state_of(engine, pool) is PoolState.STOPPED

    @pytest.mark.parametrize("action", ["check", "crawl", "gather-logs", "verify"])
    def test_a_suspended_pool_refuses_to_be_looked_at(self, engine, pool, action):
        put(engine, pool, PoolState.SUSPENDED)
        found = ticket(engine, asked(engine, pool, action))
        assert (found.state, "the pool is suspended" in found.message) == (TicketState.REFUSED, True)

    @pytest.mark.parametrize("action", ["create", "install", "upgrade", "resume"])
    def test_a_suspended_pool_is_active_once_a_change_of_it_starts(self, engine, pool, action):
        put(engine, pool, PoolState.SUSPENDED)
        ident = asked(engine, pool, action)
        assert state_of(engine, pool) is PoolState.SUSPENDED
        assert isinstance(turns.start(engine, ident), Turn)
        assert state_of(engine, pool) is PoolState.ACTIVE

    def test_a_check_waits_for_a_resume_and_is_done_after_it(self, engine, pool):
        put(engine, pool, PoolState.SUSPENDED)
        resume, check = asked(engine, pool, "resume"), asked(engine, pool, "check")
        assert isinstance(turns.start(engine, resume), Turn)
        turns.end(engine, resume, TicketState.DONE, "done")
        assert isinstance(turns.start(engine, check), Turn)

    def test_a_check_that_waits_for_a_suspension_is_refused_in_the_end(self, engine, pool):
        suspend = started(engine, pool, "suspend").ticket_id
        check = asked(engine, pool, "check")
        assert ticket(engine, check).state is TicketState.WAITING
        turns.end(engine, suspend, TicketState.DONE, "done")
        found = turns.start(engine, check)
        assert (found.state, "the pool is suspended" in found.message) == (TicketState.REFUSED, True)
        assert found.ended_at is not None

    @pytest.mark.parametrize("action", ["suspend", "install", "upgrade", "resume"])
    def test_what_a_stopped_pool_refuses_is_not_in_the_way_of_its_creation(self, engine, pool, action):
        """It would preempt the create, and then be refused itself."""
        put(engine, pool, PoolState.STOPPED)
        create, refused = asked(engine, pool, "create"), asked(engine, pool, action)
        assert ticket(engine, refused).state is TicketState.REFUSED
        assert isinstance(turns.start(engine, create), Turn)


class TestOthers:
    """What becomes of those that are there, and whom they name."""

    def test_what_waits_is_preempted_at_once(self, engine, pool):
        started(engine, pool, "check")
        waits, stop = asked(engine, pool, "crawl"), asked(engine, pool, "stop", requester="ada")
        found = ticket(engine, waits)
        assert (found.state, found.preempted_by) == (TicketState.CANCELLED, stop)
        assert found.message == f"preempted by stop of ada (ticket {stop}) before it started"

    def test_what_runs_is_told_to_end(self, engine, pool):
        runs = started(engine, pool, "install").ticket_id
        stop = asked(engine, pool, "stop", requester="ada")
        found = ticket(engine, runs)
        assert (found.state, found.preempted_by) == (TicketState.RUNNING, stop)
        assert found.cancel == f"preempted by stop of ada (ticket {stop})"

    def test_the_first_reason_to_end_stays(self, engine, pool):
        runs = started(engine, pool, "install").ticket_id
        suspend = asked(engine, pool, "suspend")
        asked(engine, pool, "stop")
        assert ticket(engine, runs).preempted_by == suspend

    def test_a_merged_request_says_who_does_it(self, engine, pool):
        waits = asked(engine, pool, "crawl", requester="ada")
        found = ticket(engine, asked(engine, pool, "crawl"))
        assert (found.state, found.merged_into) == (TicketState.MERGED, waits)
        assert found.message == f"merged into crawl of ada (ticket {waits}), which already waits"

    def test_a_refused_request_says_what_is_under_way(self, engine, pool):
        stop = asked(engine, pool, "stop", requester="ada")
        found = ticket(engine, asked(engine, pool, "check"))
        assert (found.state, found.message) == (
            TicketState.REFUSED,
            f"stop of ada (ticket {stop}) is in progress",
        )

    def test_suspend_resume_suspend_ends_suspended(self, engine, pool):
        first = started(engine, pool, "suspend").ticket_id
        resume, last = asked(engine, pool, "resume"), asked(engine, pool, "suspend")
        assert ticket(engine, last).merged_into == first
        assert (ticket(engine, resume).state, ticket(engine, resume).preempted_by) == (
            TicketState.CANCELLED,
            last,
        )
        turns.end(engine, first, TicketState.DONE, "done")
        assert state_of(engine, pool) is PoolState.SUSPENDED

    def test_pools_know_nothing_of_each_other(self, engine, pool):
        other = a_bare_pool(engine, "other", hosts=1)
        runs = started(engine, other, "install").ticket_id
        started(engine, pool, "stop")
        assert ticket(engine, runs).cancel is None


class TestLate:
    """Requests that were due a while ago."""

    def test_one_superseded_while_it_started_never_acts(self, engine, pool):
        stop = asked(engine, pool, "stop", requester="ada")
        found = ticket(engine, asked(engine, pool, "install", seconds_ago=10))
        assert (found.state, found.preempted_by) == (TicketState.CANCELLED, stop)
        assert found.message == (
            f"preempted by stop of ada (ticket {stop}), which was requested later but came first"
        )

    def test_the_same_when_the_other_has_had_its_turn_just_now(self, engine, pool):
        stop = started(engine, pool, "stop").ticket_id
        turns.end(engine, stop, TicketState.DONE, "done")
        assert ticket(engine, asked(engine, pool, "create", seconds_ago=10)).preempted_by == stop

    def test_long_after_it_is_taken_as_it_comes(self, engine, pool):
        stop = started(engine, pool, "stop").ticket_id
        turns.end(engine, stop, TicketState.DONE, "done")
        change_ticket(engine, stop, ended_at=now() - timedelta(minutes=2))
        started(engine, pool, "create", seconds_ago=300)

    def test_one_that_never_had_its_turn_overtakes_nobody(self, engine, pool):
        turns.cancel(engine, asked(engine, pool, "stop"), "cancelled by ada")
        started(engine, pool, "install", seconds_ago=10)

    def test_it_has_its_turn_before_what_was_due_later(self, engine, pool):
        later, earlier = asked(engine, pool, "check"), asked(engine, pool, "crawl", seconds_ago=10)
        assert turns.start(engine, later).state is TicketState.WAITING
        assert isinstance(turns.start(engine, earlier), Turn)

    def test_after_the_clock_was_set_back_the_order_is_that_of_asking(self, engine, pool):
        first = asked(engine, pool, "check", seconds_ago=-3600)
        second = asked(engine, pool, "crawl")
        assert turns.start(engine, second).state is TicketState.WAITING
        assert isinstance(turns.start(engine, first), Turn)
