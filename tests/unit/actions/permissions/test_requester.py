"""A run is had only by those whose role allows it: when it is requested, and still when its turn comes."""

import pytest

from p2ppool.accounts import users
from p2ppool.accounts.roles import pool_roles
from p2ppool.actions import turns
from p2ppool.actions.permissions.requester import require_viewer
from p2ppool.actions.turns import Turn
from p2ppool.errors import UserError
from p2ppool.records.pools import get_pool
from p2ppool.store.models import PoolRole, Role, TicketState
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import asked, started, ticket

BOB = "page bob"
OTHERS = [
    "tester",
    "cli root",
    "cli page bob",
    "schedule",
    "Prefect API",
    "Prefect API (automation page bob)",
]


@pytest.fixture
def pool(engine):
    """A pool on which `bob`, a member, is an operator; there is another, and a manager."""
    a_bare_pool(engine, "other")
    name = a_bare_pool(engine)
    with UnitOfWork(engine) as work:
        users.create(work.session, "ada", Role.MANAGER, "test")
        users.create(work.session, "bob", Role.MEMBER, "test")
        work.commit()
    change(engine, lambda session, bob: give(session, bob, PoolRole.OPERATOR))
    return name


def change(engine, what):
    with UnitOfWork(engine) as work:
        what(work.session, users.get(work.session, "bob"))
        work.commit()


def give(session, bob, role):
    pool_roles.give(session, get_pool(session, "demo"), bob, role, "test")


LOSSES = {
    "taken": lambda session, bob: pool_roles.take(session, get_pool(session, "demo"), bob, "test"),
    "lowered": lambda session, bob: give(session, bob, PoolRole.VIEWER),
    "disabled": lambda session, bob: users.set_active(session, bob, "test", active=False),
    "deleted": lambda session, bob: users.remove(session, bob, "test"),
}


@pytest.mark.parametrize("action", ["crawl", "check", "verify", "plan", "gather-logs", "gather-results"])
def test_an_operator_has_what_reads_and_checks(engine, pool, action):
    assert isinstance(turns.start(engine, asked(engine, pool, action, requester=BOB)), Turn)


def test_who_comes_through_the_prefect_ui_is_one_of_the_pages_users_too(engine, pool):
    assert isinstance(turns.start(engine, asked(engine, pool, requester="Prefect UI bob")), Turn)
    assert (
        ticket(engine, asked(engine, pool, "stop", requester="Prefect UI bob")).state is TicketState.REFUSED
    )


@pytest.mark.parametrize("action", ["install", "upgrade", "suspend", "stop", "uninstall-check"])
def test_what_the_role_does_not_allow_is_refused_at_once_and_preempts_nothing(engine, pool, action):
    running = started(engine, pool, "check", requester="page ada")
    refused = ticket(engine, asked(engine, pool, action, requester=BOB))
    assert refused.state is TicketState.REFUSED
    assert refused.message == (
        f"refused: the role of the user bob on pool demo does not allow {action}, or not any more"
    )
    still = ticket(engine, running.ticket_id)
    assert (still.state, still.cancel) == (TicketState.RUNNING, None)


def test_a_role_on_another_pool_is_none_here(engine, pool):
    assert ticket(engine, asked(engine, "other", "crawl", requester=BOB)).state is TicketState.REFUSED


@pytest.mark.parametrize("how", LOSSES)
def test_a_run_that_waited_is_refused_in_its_turn_if_the_role_is_gone(engine, pool, how):
    running = started(engine, pool, "check", requester="page ada")
    waiting = asked(engine, pool, "crawl", requester=BOB)
    assert ticket(engine, waiting).state is TicketState.WAITING
    change(engine, LOSSES[how])
    turns.end(engine, running.ticket_id, TicketState.DONE, "")
    ended = turns.start(engine, waiting)
    assert ended.state is TicketState.REFUSED
    assert "the user bob" in ended.message
    assert (how in ended.message) is (how in {"disabled", "deleted"})
    assert isinstance(turns.start(engine, asked(engine, pool, "check", requester="page ada")), Turn)


def test_a_retry_is_a_request_of_its_own(engine, pool):
    first = started(engine, pool, "check", requester=BOB)
    turns.end(engine, first.ticket_id, TicketState.PARTIAL, "")
    change(engine, LOSSES["taken"])
    again = asked(engine, pool, "check", requester=BOB, retry_of=first.ticket_id)
    assert ticket(engine, again).state is TicketState.REFUSED


def test_a_run_goes_on_for_somebody_whose_request_was_merged_into_it(engine, pool):
    running = started(engine, pool, "check", requester="page ada")
    waiting = asked(engine, pool, "crawl", requester=BOB)
    merged = ticket(engine, asked(engine, pool, "crawl", requester="page ada"))
    assert (merged.state, merged.merged_into) == (TicketState.MERGED, waiting)
    change(engine, LOSSES["taken"])
    turns.end(engine, running.ticket_id, TicketState.DONE, "")
    assert isinstance(turns.start(engine, waiting), Turn)


@pytest.mark.parametrize("requester", OTHERS)
def test_others_than_people_on_pages_have_no_roles(engine, pool, requester):
    assert isinstance(turns.start(engine, asked(engine, pool, "stop", requester=requester)), Turn)


def test_who_may_look_is_asked_for_exports(engine, pool):
    with UnitOfWork(engine) as work:
        require_viewer(work.session, BOB, "demo")
        require_viewer(work.session, "cli root", "other")
        with pytest.raises(UserError, match="bob may not look at pool other"):
            require_viewer(work.session, BOB, "other")
