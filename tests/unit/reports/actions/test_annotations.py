"""What was done to a pool, for an axis of time."""

from datetime import UTC, datetime, timedelta

from p2ppool.reports.actions.annotations import AnnotationKind, annotations
from p2ppool.reports.period import ALWAYS, Period
from p2ppool.store.models import TicketState
from tests.lab.past.history import a_bare_pool, a_ticket, a_waiting_ticket

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def begun(engine, action, hours=0, state=TicketState.DONE, **fields):
    at = AT + HOUR * hours
    return a_ticket(engine, "demo", action, state, started_at=at, ended_at=at + HOUR, **fields)


def test_changes_in_the_order_of_time_with_who_and_how(engine):
    a_bare_pool(engine)
    a_bare_pool(engine, "other")
    late = begun(engine, "upgrade", 2, TicketState.PARTIAL, requester="cli ada", message="on 3 of 4 hosts")
    begun(engine, "create", 0)
    a_ticket(engine, "other", "stop", TicketState.DONE)
    first, last = annotations(engine, "demo", ALWAYS)
    assert (first.kind, first.action, first.at) == (AnnotationKind.INSTALL, "create", AT)
    assert (last.ticket, last.kind, last.state) == (late, AnnotationKind.UPGRADE, TicketState.PARTIAL)
    assert (last.requester, last.message, last.ended_at) == ("cli ada", "on 3 of 4 hosts", AT + 3 * HOUR)


def test_crawls_and_what_never_began_leave_none(engine):
    a_bare_pool(engine)
    for action in ("crawl", "gather-logs", "verify", "plan"):
        begun(engine, action)
    a_waiting_ticket(engine, "demo", "upgrade")
    a_ticket(engine, "demo", "upgrade", TicketState.REFUSED, started_at=None)
    a_ticket(engine, "demo", "stop", TicketState.RUNNING)
    assert [annotation.action for annotation in annotations(engine, "demo", ALWAYS)] == ["stop"]


def test_only_checks_that_repaired_or_went_wrong(engine):
    a_bare_pool(engine)
    begun(engine, "check", 0, message="in order on all 8 hosts")
    before = begun(engine, "check", 1, message="in order on all 8 hosts, 2 of them mended")
    repaired = begun(engine, "check", 1, message="in order on all 8 hosts, 2 of them repaired")
    failed = begun(engine, "check", 2, TicketState.FAILED)
    a_ticket(engine, "demo", "check", TicketState.RUNNING)
    begun(engine, "uninstall-check", 3)
    assert [annotation.ticket for annotation in annotations(engine, "demo", ALWAYS)] == [
        before,
        repaired,
        failed,
    ]


def test_only_what_began_in_the_half_open_period_and_of_the_kinds_requested(engine):
    a_bare_pool(engine)
    for hours in range(4):
        begun(engine, "upgrade", hours)
    begun(engine, "suspend", 1)
    period = Period(AT + HOUR, AT + 3 * HOUR)
    found = annotations(engine, "demo", period, [AnnotationKind.UPGRADE])
    assert [annotation.at for annotation in found] == [AT + HOUR, AT + 2 * HOUR]
    assert annotations(engine, "demo", period, []) == []
    assert len(annotations(engine, "demo", period)) == 3
