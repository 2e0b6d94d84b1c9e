"""A turn from its start to its end, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update

from p2ppool.actions import turns
from p2ppool.actions.cancelling import cancel_ticket
from p2ppool.actions.leases import Lost
from p2ppool.actions.turns import Turn, TurnLost
from p2ppool.errors import UserError
from p2ppool.store.models import Pool, Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, change_ticket
from tests.lab.past.turns import asked, started, ticket
from tests.lab.waiting import eventually


@pytest.fixture
def pool(engine):
    return a_bare_pool(engine, hosts=1)


def write(engine, turn):
    """Store a result as an action does: it asks for its turn in the same transaction."""
    with UnitOfWork(engine) as work:
        turns.require(work.session, turn)
        work.session.get_one(Pool, turn.pool_id).description = f"of turn {turn.fence}"
        work.commit()


def written(engine, pool):
    with reading(engine) as work:
        return work.session.scalars(select(Pool.description).where(Pool.name == pool)).one()


def lost(engine, turn, heartbeat=None):
    """What a watcher would say of it now, or would have said at that heartbeat."""
    return Lost(
        turn.ticket_id, ticket(engine, turn.ticket_id).heartbeat if heartbeat is None else heartbeat, "silent"
    )


def finish(engine, turn):
    return turns.end(engine, turn.ticket_id, TicketState.DONE, "done")


class TestStart:
    """Whose turn it is."""

    def test_one_turn_at_a_time(self, engine, pool):
        first = started(engine, pool, "check")
        second = asked(engine, pool, "crawl")
        assert turns.start(engine, second).state is TicketState.WAITING
        finish(engine, first)
        assert isinstance(turns.start(engine, second), Turn)

    def test_the_preempter_waits_until_the_other_has_really_ended(self, engine, pool):
        first = started(engine, pool, "install")
        stop = asked(engine, pool, "stop")
        assert turns.start(engine, stop).state is TicketState.WAITING
        finish(engine, first)
        assert isinstance(turns.start(engine, stop), Turn)

    def test_first_come_first_served(self, engine, pool):
        first, second = asked(engine, pool, "check"), asked(engine, pool, "crawl")
        assert turns.start(engine, second).state is TicketState.WAITING
        assert isinstance(turns.start(engine, first), Turn)

    def test_the_fence_rises_with_each_turn_of_a_pool(self, engine, pool):
        other = started(engine, a_bare_pool(engine, "other", hosts=1))
        fences = []
        for action in ("check", "crawl", "verify"):
            turn = started(engine, pool, action)
            fences.append((turn.fence, ticket(engine, turn.ticket_id).fence))
            finish(engine, turn)
        assert (fences, other.fence) == ([(1, 1), (2, 2), (3, 3)], 1)

    def test_waiting_makes_the_heartbeat_rise(self, engine, pool):
        started(engine, pool, "check")
        waits = asked(engine, pool, "crawl")
        beats = [turns.start(engine, waits).heartbeat for _ in range(3)]
        assert beats == [1, 2, 3]

    def test_a_turn_begins_once(self, engine, pool):
        turn = started(engine, pool)
        again = turns.start(engine, turn.ticket_id)
        assert (again.state, again.fence) == (TicketState.RUNNING, turn.fence)

    def test_what_has_ended_does_not_start(self, engine, pool):
        waits = asked(engine, pool)
        turns.cancel(engine, waits, "cancelled by ada")
        assert turns.start(engine, waits).state is TicketState.CANCELLED


class TestClaim:
    """The process that answers for a ticket."""

    def test_it_is_remembered_and_heard_of(self, engine, pool):
        waits = asked(engine, pool)
        found = turns.claim(engine, waits, "this one")
        assert (found.owner, found.heartbeat) == ("this one", 1)
        assert turns.claim(engine, waits, "this one").heartbeat == 2

    def test_there_is_only_one(self, engine, pool):
        waits = asked(engine, pool)
        turns.claim(engine, waits, "this one")
        with pytest.raises(TurnLost, match="belongs to another process"):
            turns.claim(engine, waits, "that one")
        assert ticket(engine, waits).owner == "this one"

    def test_nor_can_another_take_what_runs(self, engine, pool):
        waits = asked(engine, pool)
        turns.claim(engine, waits, "this one")
        turns.start(engine, waits)
        with pytest.raises(TurnLost):
            turns.claim(engine, waits, "that one")

    def test_what_has_ended_needs_nobody(self, engine, pool):
        waits = asked(engine, pool)
        turns.cancel(engine, waits, "cancelled by ada")
        found = turns.claim(engine, waits, "that one")
        assert (found.state, found.owner, found.heartbeat) == (TicketState.CANCELLED, None, 0)


class TestExpire:
    """Ending what nobody looks after."""

    def test_what_stood_still_ends_as_crashed(self, engine, pool):
        turn = started(engine, pool)
        turns.progress(engine, turn, 3, 8)
        assert turns.expire(engine, lost(engine, turn))
        found = ticket(engine, turn.ticket_id)
        assert (found.state, found.message) == (TicketState.CRASHED, "crashed after 3 of 8: silent")

    def test_it_says_who_had_told_it_to_end(self, engine, pool):
        turn = started(engine, pool)
        turns.cancel(engine, turn.ticket_id, "cancelled by ada")
        turns.expire(engine, lost(engine, turn))
        message = "crashed: silent; it had been asked to stop: cancelled by ada"
        assert ticket(engine, turn.ticket_id).message == message

    def test_prefect_is_still_to_be_told(self, engine, pool):
        turn = started(engine, pool, run="run-1")
        turns.expire(engine, lost(engine, turn))
        assert not ticket(engine, turn.ticket_id).notified

    def test_not_what_was_heard_of_since(self, engine, pool):
        turn = started(engine, pool)
        seen = lost(engine, turn)
        turns.renew(engine, turn)
        assert not turns.expire(engine, seen)
        assert ticket(engine, turn.ticket_id).state is TicketState.RUNNING

    def test_not_what_has_started_since(self, engine, pool):
        waits = asked(engine, pool)
        seen = Lost(waits, turns.claim(engine, waits, "this one").heartbeat, "silent")
        turns.start(engine, waits)
        assert not turns.expire(engine, seen)

    def test_not_what_has_ended(self, engine, pool):
        turn = started(engine, pool)
        seen = lost(engine, turn)
        finish(engine, turn)
        assert not turns.expire(engine, seen)
        assert ticket(engine, turn.ticket_id).state is TicketState.DONE

    def test_a_renewal_under_way_is_waited_for(self, engine, pool):
        turn = started(engine, pool)
        seen = lost(engine, turn)
        with ThreadPoolExecutor(1) as threads, UnitOfWork(engine) as renewing:
            rising = update(Ticket).where(Ticket.id == turn.ticket_id).values(heartbeat=Ticket.heartbeat + 1)
            renewing.session.execute(rising)
            expiring = threads.submit(turns.expire, engine, seen)
            eventually(lambda: expiring.done() or somebody_waits(engine))
            renewing.commit()
            assert not expiring.result(30)
        assert ticket(engine, turn.ticket_id).state is TicketState.RUNNING


def somebody_waits(engine):
    """Whether a transaction waits for another; SQLite does not say, and lets none begin."""
    if engine.dialect.name == "sqlite":
        return True
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with engine.connect() as connection:
        return connection.scalar(waiting) > 0


class TestLost:
    """A process that comes back after it was taken for dead."""

    @pytest.fixture
    def turn(self, engine, pool):
        turn = started(engine, pool, "install")
        write(engine, turn)
        turns.expire(engine, lost(engine, turn))
        return turn

    def test_can_t_renew(self, engine, turn):
        with pytest.raises(TurnLost, match=f"ticket {turn.ticket_id}"):
            turns.renew(engine, turn)

    def test_can_t_write_even_before_anybody_else_has_the_pool(self, engine, pool, turn):
        with pytest.raises(TurnLost, match=f"ticket {turn.ticket_id}"):
            write(engine, turn)
        assert written(engine, pool) == "of turn 1"

    def test_can_t_write_over_the_next(self, engine, pool, turn):
        write(engine, started(engine, pool, "stop"))
        with pytest.raises(TurnLost):
            write(engine, turn)
        assert written(engine, pool) == "of turn 2"

    def test_can_t_say_how_far_it_is(self, engine, turn):
        turns.progress(engine, turn, 7, 8)
        assert ticket(engine, turn.ticket_id).total == 0

    def test_can_t_end_once_more(self, engine, turn):
        assert finish(engine, turn).state is TicketState.CRASHED

    def test_may_go_on_under_a_higher_fence(self, engine, pool):
        turn = started(engine, pool, "check")
        raised = turns.raise_fence(engine, turn, 46)
        assert (raised.fence, ticket(engine, turn.ticket_id).fence) == (47, 47)
        write(engine, raised)
        with pytest.raises(TurnLost):
            write(engine, turn)
        finish(engine, raised)
        assert started(engine, pool, "check").fence == 48

    def test_raises_no_fence_once_it_is_lost(self, engine, pool):
        turn = started(engine, pool, "check")
        turns.expire(engine, lost(engine, turn))
        with pytest.raises(TurnLost):
            turns.raise_fence(engine, turn, 46)
        assert started(engine, pool, "check").fence == turn.fence + 1

    def test_is_not_what_a_ticket_with_a_later_fence_is(self, engine, pool):
        """Nothing gives a ticket two turns; if something did, the older would be lost."""
        turn = started(engine, pool)
        change_ticket(engine, turn.ticket_id, fence=turn.fence + 1)
        with pytest.raises(TurnLost):
            write(engine, turn)


class TestEnd:
    """The last word about a ticket."""

    def test_it_is_kept(self, engine, pool):
        turn = started(engine, pool)
        found = turns.end(engine, turn.ticket_id, TicketState.PARTIAL, "7 of 8")
        assert (found.state, found.message) == (TicketState.PARTIAL, "7 of 8")
        assert found.ended_at >= found.started_at

    def test_the_first_ending_stays(self, engine, pool):
        turn = started(engine, pool)
        first = finish(engine, turn)
        second = turns.end(engine, turn.ticket_id, TicketState.FAILED, "failed")
        assert (second.state, second.message, second.ended_at) == (first.state, "done", first.ended_at)

    def test_a_write_under_way_is_waited_for(self, engine, pool):
        """Whoever writes holds the pool until the write is done: nobody takes the turn in between."""
        turn = started(engine, pool)
        with ThreadPoolExecutor(1) as threads, UnitOfWork(engine) as writing:
            turns.require(writing.session, turn)
            expiring = threads.submit(turns.expire, engine, lost(engine, turn))
            eventually(lambda: expiring.done() or somebody_waits(engine))
            assert not expiring.done()
            writing.commit()
            assert expiring.result(30)


class TestCancel:
    """A user's cancel."""

    def test_what_waits_is_over(self, engine, pool):
        started(engine, pool, "check")
        found = cancel_ticket(engine, asked(engine, pool, "crawl"), "ada")
        message = "cancelled by ada, before it started"
        assert (found.state, found.message) == (TicketState.CANCELLED, message)

    def test_what_runs_is_told_to_end_and_hears_so(self, engine, pool):
        turn = started(engine, pool)
        assert turns.renew(engine, turn) is None
        assert cancel_ticket(engine, turn.ticket_id, "ada").state is TicketState.RUNNING
        assert turns.renew(engine, turn) == "cancelled by ada"

    def test_the_first_reason_stays(self, engine, pool):
        turn = started(engine, pool, "install")
        stop = asked(engine, pool, "stop", requester="bob")
        cancel_ticket(engine, turn.ticket_id, "ada")
        assert turns.renew(engine, turn) == f"preempted by stop of bob (ticket {stop})"

    def test_what_has_ended_stays_as_it_is(self, engine, pool):
        turn = started(engine, pool)
        finish(engine, turn)
        assert turns.cancel(engine, turn.ticket_id, "cancelled by ada").message == "done"
        with pytest.raises(UserError, match="has already ended: done"):
            cancel_ticket(engine, turn.ticket_id, "ada")

    def test_there_must_be_such_a_ticket(self, engine):
        with pytest.raises(UserError, match="there is no ticket 4711"):
            cancel_ticket(engine, 4711, "ada")
