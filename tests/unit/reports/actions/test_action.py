"""One action, host by host."""

import pytest
from sqlalchemy import select

from p2ppool.fleet.fan_out.in_progress import Working
from p2ppool.pools.recording.in_progress import keep_in_progress
from p2ppool.reports.actions.action import HostPhase, action_detail, error_groups, pool_of_ticket
from p2ppool.store.models import Host, HostResult, HostsInProgress, HostState, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork, reading
from tests.lab.past.history import a_bare_pool, a_ticket, a_waiting_ticket, change_ticket, pool_of


def ids(engine, name="demo"):
    return [host.id for host in pool_of(engine, name).hosts]


def results(engine, ticket, **by_number):
    """Results of hosts: `_1=None` is a good one of the second host, else a kind of error and a step."""
    hosts = ids(engine)
    with UnitOfWork(engine) as work:
        for number, ended in by_number.items():
            error, step = ended or (None, "start")
            values = {"error": error, "step": step, "message": error or "", "seconds": 1.5, "facts": {}}
            work.session.add(HostResult(ticket_id=ticket, host_id=hosts[int(number[1:])], **values))
        work.commit()


def at_work(engine, ticket, **steps):
    hosts = ids(engine)
    with UnitOfWork(engine) as work:
        told = {hosts[int(number[1:])]: Working(step, now()) for number, step in steps.items()}
        keep_in_progress(work.session, ticket, told)
        work.commit()


def standings(engine, ticket):
    return [host.phase.value for host in action_detail(engine, ticket).hosts]


def test_no_such_ticket(engine):
    assert action_detail(engine, 99) is None
    assert pool_of_ticket(engine, 99) is None


def test_while_it_runs_every_host_stands_somehow(engine):
    a_bare_pool(engine, hosts=6)
    ticket = a_ticket(engine, "demo", "install", total=6)
    results(
        engine, ticket, _0=None, _1=("refused", "connect"), _2=("cancelled", "start"), _3=("cancelled", "")
    )
    at_work(engine, ticket, _0="late", _4="upload")
    assert standings(engine, ticket) == ["done", "failed", "cut off", "not started", "working", "not started"]
    found = action_detail(engine, ticket)
    assert (found.pool, pool_of_ticket(engine, ticket)) == ("demo", "demo")
    assert (found.hosts[4].step, found.hosts[4].at is not None, found.hosts[4].seconds) == (
        "upload",
        True,
        None,
    )
    assert (found.hosts[1].error, found.hosts[1].seconds) == ("refused", 1.5)


def test_of_what_has_ended_only_results_tell(engine):
    a_bare_pool(engine, hosts=3)
    ticket = a_ticket(engine, "demo", "install", TicketState.CRASHED, total=3)
    results(engine, ticket, _0=None)
    at_work(engine, ticket, _1="upload")  # its process died
    assert standings(engine, ticket) == ["done"]


def test_a_crawl_and_what_waits_have_no_hosts(engine):
    a_bare_pool(engine, hosts=2)
    assert standings(engine, a_ticket(engine, "demo", "crawl")) == []
    assert standings(engine, a_waiting_ticket(engine, "demo", "install")) == []


def test_a_retry_is_about_the_hosts_that_were_left(engine):
    a_bare_pool(engine, hosts=3)
    first = a_ticket(engine, "demo", "install", TicketState.PARTIAL)
    results(engine, first, _0=None, _1=("refused", "connect"))
    again = a_ticket(engine, "demo", "install", retry_of=first)
    assert [host.id for host in action_detail(engine, again).hosts] == ids(engine)[1:]


def test_each_action_is_about_hosts_of_its_own(engine):
    hosts = [
        Host(name=state.value, address=f"192.0.2.{number}", port=22, state=state, touched=state != "member")
        for number, state in enumerate(HostState)
    ]
    a_bare_pool(engine, hosts=0, extra_hosts=hosts)

    def about(action):
        return {host.host for host in action_detail(engine, a_ticket(engine, "demo", action)).hosts}

    assert about("check") == {"member"}
    assert about("upgrade") == {"member", "joining", "leaving"}
    assert about("stop") == {"member", "joining", "leaving", "gone"}
    assert about("uninstall-check") == {"joining", "leaving", "gone"}


@pytest.mark.parametrize("fact", ["repaired", "mended"])  # the second by a release before
def test_what_a_check_repaired_shows(engine, fact):
    a_bare_pool(engine, hosts=1)
    ticket = a_ticket(engine, "demo", "check")
    with UnitOfWork(engine) as work:
        row = {
            "error": None,
            "step": "check",
            "message": "",
            "seconds": 1.0,
            "facts": {fact: "not_running"},
        }
        work.session.add(
            HostResult(ticket_id=ticket, host_id=work.session.scalars(select(Host.id)).one(), **row)
        )
        work.commit()
    assert action_detail(engine, ticket).hosts[0].message == "repaired: not_running"


def test_errors_by_kind_the_most_frequent_first(engine):
    a_bare_pool(engine, hosts=8)
    ticket = a_ticket(engine, "demo", "install", TicketState.PARTIAL)
    refused = {f"_{number}": ("refused", "connect") for number in range(2, 7)}
    results(engine, ticket, _0=None, _1=("from the future", "connect"), _7=("cancelled", ""), **refused)
    first, second = error_groups(action_detail(engine, ticket).hosts)
    assert (first.kind, first.count, first.first) == ("refused", 5, ("node03", "node04", "node05"))
    assert (first.what, "start sshd" in first.remedy) == ("connection refused", True)
    assert (second.count, second.what, second.remedy) == (1, "from the future", "")


def test_what_waits_knows_its_place_and_whom_it_waits_for(engine):
    a_bare_pool(engine)
    runs = a_ticket(engine, "demo", "install")
    first, second = a_waiting_ticket(engine, "demo", "check"), a_waiting_ticket(engine, "demo", "crawl")
    places = {ticket: action_detail(engine, ticket) for ticket in (runs, first, second)}
    assert [one.place for one in places.values()] == [None, 1, 2]
    assert [one.behind and one.behind.id for one in places.values()] == [None, runs, first]
    change_ticket(engine, runs, state=TicketState.DONE)
    found = action_detail(engine, first)
    assert (found.place, found.behind) == (1, None)


def test_nothing_is_kept_of_work_that_is_over(engine):
    a_bare_pool(engine)
    ticket = a_ticket(engine, "demo", "install")
    for steps in ({"_0": "connect", "_1": "connect"}, {"_1": "upload"}, {}):
        at_work(engine, ticket, **steps)
        working = [one for one in action_detail(engine, ticket).hosts if one.phase is HostPhase.WORKING]
        assert [one.step for one in working] == list(steps.values())
    with reading(engine) as work:
        assert work.session.scalars(select(HostsInProgress)).all() == []
