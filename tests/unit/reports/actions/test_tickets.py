"""What was asked of a pool, the latest first."""

from p2ppool.reports.actions.tickets import ended_tickets, recent_tickets
from p2ppool.reports.pools.changes import fingerprint_of, fingerprint_of_activity
from p2ppool.store.models import TicketState
from tests.lab.past.history import a_bare_pool, a_ticket, a_waiting_ticket, change_ticket


def test_the_latest_come_first_and_no_more_than_requested(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    for action in ("create", "crawl", "check"):
        a_ticket(engine, "demo", action)
    a_ticket(engine, "other", "stop")
    assert [ticket.action for ticket in recent_tickets(engine, "demo", limit=2)] == ["check", "crawl"]


def test_a_record_says_how_far_it_is(engine):
    a_bare_pool(engine)
    a_ticket(
        engine,
        "demo",
        "upgrade",
        done=3,
        total=8,
        flow_run="an-id",
        message="three of eight",
        requester="ann",
    )
    (ticket,) = recent_tickets(engine, "demo")
    assert (ticket.done, ticket.total, ticket.flow_run) == (3, 8, "an-id")
    assert (ticket.message, ticket.requester, ticket.state) == ("three of eight", "ann", TicketState.RUNNING)


def test_the_mark_changes_with_progress_and_only_then(engine):
    a_bare_pool(engine)
    ticket = a_ticket(engine, "demo", done=1, total=8)
    before = fingerprint_of_activity(engine, "demo")
    assert fingerprint_of_activity(engine, "demo") == before
    change_ticket(engine, ticket, done=2)
    after = fingerprint_of_activity(engine, "demo")
    assert after != before
    change_ticket(engine, ticket, state=TicketState.DONE)
    assert fingerprint_of_activity(engine, "demo") not in {before, after}


def test_the_mark_changes_with_what_waits_however_much_that_is(engine):
    a_bare_pool(engine)
    waiting = [a_waiting_ticket(engine, "demo") for _ in range(30)]
    marks = {fingerprint_of_activity(engine, "demo")}
    for change in (
        lambda: change_ticket(engine, waiting[0], state=TicketState.RUNNING),
        lambda: change_ticket(engine, waiting[0], cancel="preempted"),
        lambda: change_ticket(engine, waiting[1], state=TicketState.CANCELLED),
        lambda: a_waiting_ticket(engine, "demo"),
    ):
        change()
        marks.add(fingerprint_of_activity(engine, "demo"))
    assert len(marks) == 5


def test_the_mark_changes_with_what_ends_at_once(engine):
    a_bare_pool(engine)
    a_ticket(engine, "demo")
    before = fingerprint_of_activity(engine, "demo")
    a_ticket(engine, "demo", state=TicketState.MERGED)
    assert fingerprint_of_activity(engine, "demo") != before


def test_what_has_ended_comes_latest_first_without_what_is_active(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    for state in TicketState:
        a_ticket(engine, "demo", f"was-{state}", state)
    a_ticket(engine, "other", "stop", TicketState.DONE)
    ended = [ticket.action for ticket in ended_tickets(engine, "demo")]
    assert ended == [f"was-{state}" for state in reversed(TicketState) if state.ended]
    assert [ticket.action for ticket in ended_tickets(engine, "demo", limit=2)] == ended[:2]


def test_marks_of_reports_that_differ_differ():
    assert fingerprint_of(["a"]) == fingerprint_of(["a"]) != fingerprint_of(["a", "b"])
