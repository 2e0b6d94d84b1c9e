"""Schedules in a real Prefect server with a short period, and the local node that is kept running."""

import os
import signal
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Ticket
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import reading
from tests.lab.manager.manager import Manager, free_ports
from tests.lab.waiting import eventually

PERIOD = 6
"""Seconds between two scheduled crawls."""


@pytest.fixture(scope="module")
def manager(demo_hosts, tmp_path_factory, ssh_key):
    folder = tmp_path_factory.mktemp("manager-schedules")
    (folder / "key").write_bytes(ssh_key.private_pem)
    settings = {
        "P2PPOOL_LOCAL_NODE_ADDRESS": "127.0.0.1",
        "P2PPOOL_CRAWL_EVERY": str(PERIOD),
        "P2PPOOL_CHECK_EVERY": "86400",
        "P2PPOOL_UNINSTALL_CHECK_EVERY": "86400",
    }
    with Manager(folder / "data", **settings) as manager:
        assert manager.run("package", "add", "reference-node", "--reference-node").returncode == 0
        assert manager.run("key", "add", "lab", folder / "key").returncode == 0
        yield manager


@pytest.fixture(scope="module")
def pool(manager, demo_hosts, tmp_path_factory):
    """A pool of one host; its name."""
    hosts = tmp_path_factory.mktemp("schedules") / "hosts"
    hosts.write_text(f"{demo_hosts.addresses[0]}\n")
    udp_port, rpc_port = free_ports(2)
    created = manager.json(
        *("pool", "create", "timed", "--hosts", hosts, "--package", "reference-node", "--ssh-key", "lab"),
        *("--ssh-user", "p2p", "--install-path", "p2p-timed"),
        *("--udp-port", udp_port, "--rpc-port", rpc_port),
    )
    assert created["outcome"] == "done", created
    eventually(lambda: len(schedules(manager)) == 2)
    return "timed"


def schedules(manager):
    """Action → its row in `p2ppool schedule list`."""
    return {row["action"]: row for row in manager.json("schedule", "list", "--pool", "timed")}


def states(manager):
    return {action: row["state"] for action, row in schedules(manager).items()}


def in_prefect(manager, action="crawl"):
    """The only schedule of that deployment, as the Prefect UI has it."""
    (schedule,) = deployment(manager, action)["schedules"]
    return schedule


def deployment(manager, action="crawl"):
    return call(manager, "GET", f"/deployments/name/{action}/{action}")


def call(manager, method, path, body=None):
    """Prefect's API; a server that is busy is asked again."""
    with manager.prefect() as api:
        return api.call(method, path, body)


def set_active(manager, active, action="crawl"):
    """What the switch of the Prefect UI sends."""
    schedule = in_prefect(manager, action)
    path = f"/deployments/{schedule['deployment_id']}/schedules/{schedule['id']}"
    call(manager, "PATCH", path, {"active": active})


def runs(manager):
    """The scheduled crawls, the first due first."""
    wanted = {"flow_runs": {"tags": {"all_": ["auto-scheduled"]}}, "sort": "EXPECTED_START_TIME_ASC"}
    found = call(manager, "POST", "/flow_runs/filter", wanted)
    return [run for run in found if run["deployment_id"] == deployment(manager)["id"]]


def crawls(manager):
    """The tickets of scheduled crawls that have had their turn."""
    engine = open_engine(manager.store_url)
    query = select(Ticket).where(Ticket.action == "crawl", Ticket.requester == "schedule")
    with reading(engine) as work:
        found = list(work.session.scalars(query.where(Ticket.started_at.is_not(None)).order_by(Ticket.id)))
    engine.dispose()
    return found


def local_node(manager):
    """The pid of the pool's local node; None: it does not run."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int((manager.folder / "local-nodes/timed/node/node.pid").read_text().split()[0])
        os.kill(pid, 0)
        return pid
    return None


def kill_local_node(manager):
    """Its pid."""
    pid = local_node(manager)
    os.kill(pid, signal.SIGKILL)
    return pid


def fires(manager):
    """Wait for one more scheduled crawl that has ended well."""
    before = len(crawls(manager))
    eventually(lambda: any(ticket.state.value == "done" for ticket in crawls(manager)[before:]), 60)


def test_a_new_pool_is_crawled_by_its_schedule(manager, pool):
    assert {action: row["asks"] for action, row in schedules(manager).items()} == {
        "crawl": f"every {PERIOD}s",
        "check": "every 1d",
    }
    fires(manager)


def test_what_is_changed_on_one_side_shows_on_the_other(manager, pool):
    assert manager.run("schedule", "set", pool, "crawl", "--every", "7s").returncode == 0
    assert in_prefect(manager)["schedule"]["interval"] == 7
    set_active(manager, active=False)
    assert states(manager)["crawl"] == "paused"
    eventually(lambda: in_prefect(manager)["parameters"] == {"pool": pool}, 30)  # which the UI's switch drops
    assert manager.run("schedule", "resume", pool, "crawl").returncode == 0
    assert in_prefect(manager)["active"]
    assert manager.run("schedule", "set", pool, "check", "--cron", "0 3 * * *").returncode == 0
    assert in_prefect(manager, "check")["schedule"]["cron"] == "0 3 * * *"
    assert schedules(manager)["check"]["next"].endswith("03:00:00+00:00")
    refused = manager.run("schedule", "set", pool, "check", "--cron", "99 3 * * *")
    assert (refused.returncode, refused.stderr) == (
        1,
        "p2ppool: Prefect can't use these times: cron 99 3 * * *\n",
    )


def test_suspend_pauses_and_resume_brings_back_what_ran(manager, pool):
    assert manager.run("schedule", "pause", pool, "check").returncode == 0
    assert manager.json("pool", "suspend", pool)["outcome"] == "done"
    eventually(lambda: states(manager) == {"crawl": "paused", "check": "paused"})
    assert manager.json("pool", "resume", pool)["outcome"] == "done"
    eventually(lambda: states(manager) == {"crawl": "active", "check": "paused"})
    fires(manager)


def test_a_local_node_that_is_killed_is_started_again_with_nobody_asking(manager, pool):
    killed = kill_local_node(manager)
    eventually(lambda: local_node(manager) not in {killed, None}, 30)


def test_a_manager_that_was_down_does_once_what_it_skipped_and_has_the_local_node_back(manager, pool):
    schedule = in_prefect(manager)
    manager.interrupt()
    try:
        killed, down = kill_local_node(manager), now()
        up = eventually(lambda: now() if now() - down > timedelta(seconds=4 * PERIOD) else None, 60)
    finally:
        manager.__enter__()
    eventually(lambda: local_node(manager) not in {killed, None}, 30)
    assert in_prefect(manager) == schedule | {"updated": in_prefect(manager)["updated"]}
    fires(manager)

    due = [run for run in runs(manager) if down < datetime.fromisoformat(run["expected_start_time"]) < up]
    skipped = [run["state"]["message"] for run in due if run["state"]["name"] == "Skipped"]
    assert len(skipped) >= 2
    assert len(due) - len(skipped) <= 1
    (message,) = set(skipped)
    (doing,) = [run for run in runs(manager) if run["id"] in message]
    assert doing["state"]["name"] == "Completed"


def test_stopping_takes_the_schedules_away_and_ends_the_local_node(manager, pool):
    assert manager.json("pool", "stop", pool)["outcome"] == "done"
    eventually(lambda: set(schedules(manager)) == {"uninstall-check"})
    assert local_node(manager) is None
