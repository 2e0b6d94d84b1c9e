"""Promises that hold while a real Prefect server misbehaves."""

import json
import os
import signal
import sqlite3
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from p2ppool.prefect_client.credential import PrefectAuth
from tests.lab.manager.asked import Asked
from tests.lab.manager.embedded import credential, embedded_manager, only, pool_spec
from tests.lab.waiting import eventually

POOL = "trouble"


@pytest.fixture(scope="module")
def manager(demo_hosts, tmp_path_factory, ssh_key):
    with embedded_manager(tmp_path_factory.mktemp("manager-trouble"), ssh_key) as manager:
        yield manager


@pytest.fixture(scope="module")
def spec(demo_hosts):
    return pool_spec(POOL, demo_hosts.addresses[0])


@pytest.fixture
def ask(manager):
    def ask(action, who="test", **parameters):
        with manager.prefect() as api:
            return Asked(manager, api.start(action, parameters, who))

    return ask


@pytest.fixture(scope="module")
def pool(manager, spec):
    """The pool, whose creation was starting when the dispatcher and its processes died."""
    fork_server = only(manager, "multiprocessing.forkserver")
    os.kill(fork_server, signal.SIGSTOP)  # whatever is started now gets no further
    with manager.prefect() as api:
        asked = Asked(manager, api.start("create", {"spec": spec}, "ada"))
        eventually(lambda: api.state(asked.run).name == "Starting", 60)
    os.kill(only(manager, "-m deployments.dispatcher "), signal.SIGKILL)
    os.kill(fork_server, signal.SIGKILL)
    assert asked.reaches("done").requester == "ada"
    return POOL


@contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def long_crawl(manager, ask, pool):
    """A crawl that lasts as long as the local node hangs, and a check that waits behind it."""
    pid_file = manager.folder / "local-nodes" / pool / "node/node.pid"
    eventually(pid_file.exists, 30)
    node = int(pid_file.read_text().split()[0])
    with stopped(node):
        crawl = ask("crawl", pool=pool)
        crawl.reaches("running")
        check = ask("check", pool=pool)
        check.reaches("waiting")
        yield crawl, check


def test_a_creation_that_was_starting_when_all_died_goes_on(pool):
    assert pool == POOL


def test_a_deleted_deployment_comes_back_with_its_schedules(manager, pool, ask):
    assert manager.run("schedule", "set", pool, "verify", "--cron", "30 2 * * *").returncode == 0
    with manager.prefect() as api:
        deployment = api.deployment("verify")
        api.call("DELETE", f"/deployments/{deployment}")

        def is_back():
            return [
                row
                for row in api.call("POST", "/deployments/filter", {})
                if row["name"] == "verify" and row["id"] != deployment and row["schedules"]
            ]

        (back,) = eventually(is_back, 60)
    assert back["schedules"][0]["schedule"]["cron"] == "30 2 * * *"
    ask("verify", pool=pool).reaches("done")


def test_a_run_that_prefect_cannot_read_back_is_set_aside_and_the_others_go_on(manager, pool, spec, ask):
    body = json.dumps({"parameters": {"spec": spec | {"name": "half", "description": "\ud800"}}})
    with manager.prefect() as api:
        path = f"{manager.prefect_url}/api/deployments/{api.deployment('create')}/create_flow_run"
        with httpx.Client(auth=PrefectAuth(credential(manager))) as client:
            kept = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert kept.status_code == 500
        ask("crawl", pool=pool).reaches("done", "partial")
        wanted = {"flow_runs": {"state": {"name": {"any_": ["Unreadable"]}}}}
        (poison,) = api.call("POST", "/flow_runs/filter", wanted)
    assert "half of a character" in poison["state"]["message"]


def test_what_is_failed_in_prefect_and_cancelled_here_says_the_same_in_the_end(manager, pool, ask):
    with long_crawl(manager, ask, pool) as (_, check), manager.prefect() as api:
        state = {"type": "FAILED", "name": "Failed", "message": "by hand"}
        api.call("POST", f"/flow_runs/{check.run}/set_state", {"state": state, "force": True})
        check.reaches("cancelled")
        eventually(lambda: api.state(check.run).name == "Cancelled", 60)


def test_while_prefect_answers_with_errors_what_waits_has_its_turn(manager, pool, ask):
    database = sqlite3.connect(manager.folder / "prefect/prefect.db", timeout=30, isolation_level=None)
    with long_crawl(manager, ask, pool) as (crawl, check):
        database.execute("ALTER TABLE flow_run RENAME TO flow_run_away")
    try:
        assert crawl.reaches("done", "partial", "failed")
        assert check.reaches("done").message
    finally:
        database.execute("ALTER TABLE flow_run_away RENAME TO flow_run")
        database.close()
    with manager.prefect() as api:
        eventually(lambda: api.state(check.run).name == "Completed", 60)


def test_while_prefect_hangs_actions_end_and_begin_and_it_is_restarted(manager, pool, ask):
    server = only(manager, "-m deployments.up.prefect_process ")
    with long_crawl(manager, ask, pool) as (crawl, check):
        os.kill(server, signal.SIGSTOP)
    crawl.reaches("done", "partial", "failed")
    check.reaches("done")
    eventually(lambda: not Path(f"/proc/{server}").exists(), 180)
    with manager.prefect() as api:
        eventually(lambda: api.serves("check") and api.state(check.run).name == "Completed", 180)


def test_the_lease_of_a_dead_action_ends_while_prefect_hangs(manager, pool, ask):
    with long_crawl(manager, ask, pool) as (crawl, check):
        server = only(manager, "-m deployments.up.prefect_process ")
        with stopped(server):
            os.kill(int(crawl.ticket().owner.split()[2]), signal.SIGKILL)
            crawl.reaches("crashed", seconds=40)
            check.reaches("running", "done", "failed", seconds=40)
    check.reaches("done", "failed")
