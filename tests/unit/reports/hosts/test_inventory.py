"""What is known of machines, and the history of one."""

import pytest

from p2ppool.errors import UserError
from p2ppool.records.pools import get_pool
from p2ppool.reports.hosts.inventory import host_history, inventory
from p2ppool.store.models import HostSample
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.past.history import a_bare_pool, a_result, a_ticket


def test_each_machine_is_reported_with_its_facts_and_last_result(engine):
    a_bare_pool(engine, "other", hosts=1)
    a_bare_pool(engine, hosts=2)
    a_result(engine, "demo", "node02", error="refused", action="install")
    with UnitOfWork(engine) as work:
        first, second = get_pool(work.session, "demo").hosts
        first.facts, first.is_manager = {"kernel": "Linux 6"}, True
        second.jump = "ada@gate:22"
        work.commit()
    entries = inventory(engine, "demo")
    assert [(entry.host, entry.state, entry.jump, entry.result) for entry in entries] == [
        ("node01", "manager", None, None),
        ("node02", "member", "ada@gate:22", "refused"),
    ]
    assert (entries[0].facts, entries[0].port, entries[0].key) == ({"kernel": "Linux 6"}, None, None)
    assert [entry.pool for entry in inventory(engine)] == ["demo", "demo", "other"]


def test_a_history_has_the_latest_first_with_what_was_measured(engine):
    a_bare_pool(engine, hosts=2)
    a_result(engine, "demo", "node01", action="install")
    a_result(engine, "demo", "node02", action="install")
    a_result(engine, "demo", "node01", error="timeout", facts={"kernel": "x"})
    with UnitOfWork(engine) as work:
        host = get_pool(work.session, "demo").hosts[0]
        ticket = max(event.ticket for event in host_history(engine, "demo", "node01", 9))
        work.session.add(HostSample(ticket_id=ticket, host_id=host.id, taken_at=now(), load=0.5))
        work.commit()
    last, first = host_history(engine, "demo", "node01", 9)
    assert (last.action, last.result, last.sample["load"], "cores" in last.sample) == (
        "check",
        "timeout",
        0.5,
        False,
    )
    assert (first.action, first.result, first.sample) == ("install", "done", {})
    assert last.facts == {"kernel": "x"}
    assert len(host_history(engine, "demo", "node01", 1)) == 1


def test_a_host_that_is_not_there_is_named(engine):
    a_bare_pool(engine, hosts=1)
    a_ticket(engine, "demo")
    with pytest.raises(UserError, match="pool demo has no host 'absent'"):
        host_history(engine, "demo", "absent", 9)
