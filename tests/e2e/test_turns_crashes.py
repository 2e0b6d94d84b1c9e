"""What runs dies or hangs, and the queue goes on by itself: with a real Prefect server and real sshd."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import inspect

from deployments.demo.orphans import processes_of
from p2ppool.store.models import HostResult, NodeSample, Snapshot, Ticket
from p2ppool.store.unit_of_work import reading
from tests.lab.waiting import eventually

pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

NAME = "crashes"


@pytest.fixture(autouse=True)
def active(pool, create_pool):
    """The pool is there and active; afterwards nothing is slow any more."""
    if not pool.is_active():
        create_pool(pool)
    yield
    pool.quick()


def child(manager, word):
    """The pid of the process of `p2ppool up` with this word in its command line."""
    found = [
        pid
        for pid in processes_of(manager.folder)
        if word in Path(f"/proc/{pid}/cmdline").read_bytes().decode() and parent(pid) == manager.pid
    ]
    assert len(found) == 1, found
    return found[0]


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_killed_action_ends_as_crashed_and_the_next_has_its_turn(pool):
    pool.slow()
    install = pool.runs("install")
    crawl = pool.asked("crawl", "waiting")
    os.kill(pool.process_of(install), signal.SIGKILL)
    crashed = pool.ends(install, "crashed")
    assert "its process is gone" in crashed.message
    assert pool.api.state(install).type == "CRASHED"
    assert pool.ends(crawl, "done", "partial").started_at >= crashed.ended_at


def test_actions_outlive_the_dispatcher_and_the_next_one_can_cancel_them(pool):
    pool.slow()
    install = pool.runs("install")
    crawl = pool.asked("crawl", "waiting")
    os.kill(child(pool.manager, "deployments.dispatcher"), signal.SIGKILL)
    later = pool.asked("check", "waiting")  # by the dispatcher that was started again
    assert pool.ticket(install).state.value == "running"
    pool.manager.cancel(install)
    assert "cancelled in Prefect" in pool.ends(install, "cancelled").message
    assert pool.api.state(install).name == "Cancelled"
    pool.quick()
    assert pool.ends(crawl, "done", "partial").fence < pool.ends(later, "done").fence


def test_an_action_is_not_disturbed_by_the_death_of_the_prefect_server(pool):
    pool.slow()
    install = pool.runs("install")
    crawl = pool.asked("crawl", "waiting")
    os.kill(child(pool.manager, "prefect_process"), signal.SIGKILL)
    pool.reaches(install, "running")
    pool.quick()
    assert pool.reaches(install, "done").message == "installed on all 2 hosts"
    eventually(lambda: _is_back(pool), 90)
    pool.ends(install, "done")
    pool.ends(crawl, "done", "partial")


def _is_back(pool):
    return pool.api.serves("crawl")


def test_a_restart_of_the_database_costs_nobody_his_turn(pool, postgres_server):
    pool.slow()
    install = pool.runs("install")
    crawl = pool.asked("crawl", "waiting")
    postgres_server.restart()
    heartbeat = pool.ticket(install).heartbeat
    eventually(lambda: pool.reaches(install, "running").heartbeat > heartbeat)
    pool.quick()
    pool.ends(install, "done")
    pool.ends(crawl, "done", "partial")


@contextmanager
def hanging(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def everything_on(host, folder):
    """Every file below a folder of a host: type, size, time of change and name; and who runs there."""
    listing = f"find {folder} -printf '%y %s %C@ %p %l\\n' 2>/dev/null | sort"
    return host.exec_root(listing, check=False).stdout, host.processes()


def rows(pool):
    """All that an action may write."""
    with reading(pool.engine) as work:
        return [
            [tuple(getattr(row, attribute.key) for attribute in inspect(table).column_attrs) for row in found]
            for table in (Ticket, HostResult, Snapshot, NodeSample)
            if (found := work.session.query(table).all()) is not None
        ]


def settled_rows(pool, *runs):
    """The rows once the dispatcher has nothing more to write of these runs."""
    eventually(lambda: all(pool.ticket(run).notified for run in runs))
    return rows(pool)


def test_an_install_that_hung_until_after_a_stop_changes_nothing_any_more(pool, sshd_fleet):
    pool.slow()
    install = pool.runs("install")
    pid = pool.process_of(install)
    with hanging(pid):
        pool.quick()
        stop = pool.ask("stop")
        assert "its process has been silent for" in pool.ends(install, "crashed").message
        assert pool.ends(stop, "done").message == "uninstalled on all 2 hosts"
        folders = [f"{sshd_fleet.home}/p2p-{pool.name}"] * 2
        before = [everything_on(*pair) for pair in zip(sshd_fleet.hosts, folders, strict=False)]
        written = settled_rows(pool, install, stop)
    eventually(lambda: not Path(f"/proc/{pid}").exists(), 60)
    after = [everything_on(*pair) for pair in zip(sshd_fleet.hosts, folders, strict=False)]
    assert after == before
    assert rows(pool) == written
    assert pool.api.state(install).type == "CRASHED"


def test_a_run_that_was_accepted_but_not_started_when_its_pool_is_stopped_never_acts(pool):
    install, stop = pool.ask("install"), pool.ask("stop")
    ended = pool.ends(install, "cancelled")
    assert (ended.started_at, pool.tally(install).tried) == (None, 0)
    pool.ends(stop, "done")


def test_cancelling_what_waits_ends_it_at_once_and_lets_the_others_go_on(pool):
    pool.slow()
    install = pool.runs("install")
    check, crawl = pool.asked("check", "waiting"), pool.asked("crawl", "waiting")
    pool.manager.cancel(check)
    assert pool.ends(check, "cancelled").message == "cancelled in Prefect, before it started"
    assert pool.manager.run("cancel", str(pool.ticket(crawl).id)).returncode == 0
    assert "cancelled by cli" in pool.ends(crawl, "cancelled").message
    assert pool.ticket(install).state.value == "running"
    os.kill(pool.process_of(install), signal.SIGTERM)
    ended = pool.ends(install, "cancelled")
    assert ended.message == (
        "cancelled: its process got SIGTERM; hosts: 1 done, 0 failed, 1 cut off, 0 not started"
    )


def test_a_retry_goes_only_to_the_hosts_that_were_left(pool):
    pool.slow()
    install = pool.runs("install")
    eventually(lambda: pool.ticket(install).done == 1, 30)
    pool.manager.cancel(install)
    pool.ends(install, "cancelled")
    pool.quick()
    retried = pool.manager.json("pool", "retry", pool.name, "--ticket", pool.ticket(install).id)
    assert (retried["outcome"], retried["message"]) == ("done", "installed on 1 host")
    again = pool.manager.run("pool", "retry", pool.name, "--ticket", str(retried["ticket"]))
    assert (again.returncode, "left no host behind" in again.stderr) == (1, True)


def test_fifty_requests_at_once_cost_no_process(pool):
    pool.slow()
    install = pool.runs("install")
    before = flow_processes(pool)
    crawls = [pool.ask("crawl") for _ in range(50)]
    tickets = [pool.reaches(run, "waiting", "merged") for run in crawls]
    assert [ticket.state.value for ticket in tickets].count("waiting") == 1
    assert flow_processes(pool) == before
    pool.quick()
    pool.ends(install, "done")
    for run, ticket in zip(crawls, tickets, strict=True):
        pool.ends(run, "merged" if ticket.state.value == "merged" else "done", "partial")


def flow_processes(pool):
    """The processes that the dispatcher has made, by their common parent."""
    dispatcher = child(pool.manager, "deployments.dispatcher")
    servers = {pid for pid in processes_of(pool.manager.folder) if parent(pid) == dispatcher}
    return {pid for pid in processes_of(pool.manager.folder) if parent(pid) in servers}


def test_pools_know_nothing_of_each_other(pool, manager, create, sshd_fleet):
    create("beside", [sshd_fleet.addresses[2]])
    pool.slow()
    install = pool.runs("install")
    assert manager.json("pool", "crawl", "beside")["outcome"] in {"done", "partial"}
    assert pool.ticket(install).state.value == "running"


def test_what_waits_has_its_turn_after_the_manager_was_ended_and_started_again(pool):
    pool.slow()
    install = pool.runs("install")
    crawl = pool.asked("crawl", "waiting")
    pool.manager.restart()
    assert "cancelled: its process got SIGTERM" in pool.ends(install, "cancelled").message
    assert pool.ends(crawl, "done", "partial").ended_at > pool.ticket(install).ended_at
