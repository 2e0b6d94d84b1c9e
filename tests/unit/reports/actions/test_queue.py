"""Who holds a pool, who waits behind whom, and what that costs where a lot was asked before."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from p2ppool.reports.actions.activity import active, ended
from p2ppool.reports.actions.queue import action_reports, queue_of
from p2ppool.reports.actions.tickets import ended_tickets
from p2ppool.reports.pools.changes import fingerprint_of_activity
from p2ppool.reports.pools.pools import pools
from p2ppool.store.models import TicketState
from p2ppool.store.types import now
from tests.lab.past.history import a_bare_pool, a_ticket, a_waiting_ticket


@contextmanager
def plans(engine):
    """How SQLite goes about each query that is asked meanwhile: lines of text."""
    asked, lines = [], []

    def note(_connection, _cursor, statement, parameters, *_):
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield lines
    event.remove(engine, "before_cursor_execute", note)
    connection = engine.raw_connection()
    for statement, parameters in asked:
        found = connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        lines += [row[3] for row in found]
    connection.close()


def test_without_tickets_nothing_is_active(engine):
    a_bare_pool(engine)
    assert queue_of(engine, "demo") == []
    assert queue_of(engine, "nobody") == []


def test_what_runs_comes_first_then_what_was_due_first_each_behind_the_one_before(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    late = a_waiting_ticket(engine, "demo", "crawl")
    early = a_waiting_ticket(engine, "demo", "check", due_at=now() - timedelta(minutes=1))
    runs = a_ticket(engine, "demo", "install")
    a_ticket(engine, "demo", "create", TicketState.DONE)
    a_ticket(engine, "other", "stop")
    found = queue_of(engine, "demo")
    assert [report.ticket.id for report in found] == [runs, early, late]
    assert [report.behind and report.behind.id for report in found] == [None, runs, early]


def test_all_pools_one_after_the_other_then_what_has_ended(engine):
    for name in ("b", "a"):
        a_bare_pool(engine, name)
        a_ticket(engine, name, f"old-{name}", TicketState.DONE)
        a_ticket(engine, name, f"new-{name}")
    actions = [report.ticket.action for report in action_reports(engine, None, 10)]
    assert actions == ["new-a", "new-b", "old-a", "old-b"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: queue_of(engine, "demo"),
        lambda engine: ended_tickets(engine, "demo"),
        lambda engine: fingerprint_of_activity(engine, "demo"),
        lambda engine: active(engine, None, 9),
        lambda engine: ended(engine, "demo", 9, 99),
        pools,
    ],
    ids=["queue", "ended", "mark", "active", "page of ended", "pools"],
)
def test_a_long_history_is_not_read_through(engine, ask):
    """Of a pool's tickets, only its latest are looked at by its index; the active ones by their state."""
    a_bare_pool(engine)
    with plans(engine) as lines:
        ask(engine)
    of_tickets = [line for line in lines if " tickets" in line]
    assert of_tickets
    assert not [line for line in of_tickets if "SCAN" in line], lines


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_queue_is_found_by_the_index_of_states(engine):
    a_bare_pool(engine)
    with plans(engine) as lines:
        queue_of(engine, "demo")
    assert any("ix_tickets_state_pool_id (state=? AND pool_id=?)" in line for line in lines), lines
    assert not any(line.endswith("(pool_id=?)") for line in lines), lines
