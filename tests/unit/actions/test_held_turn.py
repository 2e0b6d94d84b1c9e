"""Holding a turn in a process, on both databases."""

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, update

from p2ppool.actions import turns
from p2ppool.actions.held_turn import RENEWAL, HeldTurn
from p2ppool.actions.leases import Lost
from p2ppool.cancel import CancelToken
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import asked, started, ticket
from tests.lab.waiting import eventually

LONG, SHORT = 600.0, 1.5  # leases, in seconds


@pytest.fixture
def pool(engine):
    return a_bare_pool(engine, hosts=1)


@pytest.fixture
def turn(engine, pool):
    return started(engine, pool, "install")


@pytest.fixture
def cancel():
    return CancelToken()


def heartbeat(engine, turn):
    return ticket(engine, turn.ticket_id).heartbeat


def renewed(engine, turn, times=2):
    """Wait until it was renewed, and then once more: so a whole renewal lies after the call."""
    before = heartbeat(engine, turn)
    eventually(lambda: heartbeat(engine, turn) >= before + times)


def expire(engine, turn):
    """Take it for dead between two of its renewals."""
    return turns.expire(engine, Lost(turn.ticket_id, heartbeat(engine, turn), "silent"))


@contextmanager
def database_that_hangs(engine, turn):
    """No renewal comes back in the meantime: somebody else has the row locked, or the whole of SQLite."""
    with UnitOfWork(engine) as work:
        work.session.execute(update(Ticket).where(Ticket.id == turn.ticket_id).values(total=0))
        yield


def test_its_fence_may_rise_while_it_is_renewed(engine, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel) as held:
        for seen in (46, 46, 40, 47):  # threads of several hosts; the first has raised it for others
            held.raise_fence(seen)
            assert held.fence() > seen
            renewed(engine, turn)
        assert (held.fence(), held.turn.fence, ticket(engine, turn.ticket_id).fence) == (48, 48, 48)
    assert not cancel.cancelled


def test_it_renews_and_nobody_is_told_to_end(engine, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel):
        renewed(engine, turn)
    assert not cancel.cancelled


def test_afterwards_nobody_renews(engine, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel):
        assert "lease" in {thread.name for thread in threading.enumerate()}
    eventually(lambda: "lease" not in {thread.name for thread in threading.enumerate()})


def test_it_hears_of_a_preemption(engine, pool, turn, cancel):
    assert RENEWAL <= 1.0
    with HeldTurn(engine, turn, LONG, cancel):
        stop = asked(engine, pool, "stop", requester="ada")
        eventually(lambda: cancel.cancelled)
    assert cancel.reason == f"preempted by stop of ada (ticket {stop})"


def test_it_goes_on_renewing_while_the_work_ends(engine, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel):
        turns.cancel(engine, turn.ticket_id, "cancelled by ada")
        eventually(lambda: cancel.cancelled)
        renewed(engine, turn)
    assert ticket(engine, turn.ticket_id).state is TicketState.RUNNING


def test_a_cancel_set_by_others_stays(engine, pool, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel):
        cancel.cancel("its process got SIGTERM")
        asked(engine, pool, "stop")
        renewed(engine, turn)
    assert cancel.reason == "its process got SIGTERM"


def test_it_loses_its_turn_when_another_takes_it_for_dead(engine, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel):
        eventually(lambda: expire(engine, turn))
        eventually(lambda: cancel.cancelled)
    assert cancel.reason == f"ticket {turn.ticket_id} no longer holds its pool"


def test_it_gives_up_when_the_database_hangs(engine, turn, cancel):
    with HeldTurn(engine, turn, SHORT, cancel), database_that_hangs(engine, turn):
        eventually(lambda: cancel.cancelled)
        assert cancel.reason == "the database did not answer for most of a lease"


def test_it_gives_up_when_the_database_is_away(turn, cancel, tmp_path):
    away = create_engine(f"sqlite:///{tmp_path}/away/store.db")
    with HeldTurn(away, turn, SHORT, cancel):
        eventually(lambda: cancel.cancelled)
    assert cancel.reason == "the database did not answer for most of a lease"


def test_a_short_outage_costs_nothing(engine, turn, cancel):
    with HeldTurn(engine, turn, LONG, cancel):
        with database_that_hangs(engine, turn):
            threading.Event().wait(2 * RENEWAL)  # so that a renewal hangs; it is no matter if none does
        renewed(engine, turn)
    assert not cancel.cancelled
