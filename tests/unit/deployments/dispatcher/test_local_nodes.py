"""Local nodes are started again where they should run; the real agent does it in the end-to-end tests."""

import os
import subprocess
from pathlib import Path

import pytest

from deployments.dispatcher import local_nodes
from deployments.dispatcher.local_nodes import LocalNodes
from p2ppool.actions import turns
from p2ppool.errors import UserError
from p2ppool.pools.rollout import local_node
from p2ppool.records.pools import get_pool
from p2ppool.settings import Settings
from p2ppool.store.models import TicketState
from p2ppool.store.unit_of_work import reading
from tests.lab.past.history import a_bare_pool
from tests.lab.past.turns import started


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def config(tmp_path):
    return Settings(data_folder=tmp_path)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def restarted(monkeypatch, engine):
    """(pool, fence) of each start; a name in `restarted.broken` can't be started."""

    class Restarted(list):
        broken = ()

    found = Restarted()

    def ensure_running(pool, _config, fence, _cancel):
        found.append((pool.name, fence))
        if pool.name in found.broken:
            raise UserError("port taken")

    def loaded(pool_id):
        with reading(engine) as work:
            return next(pool for pool in [get_pool(work.session, "demo")] if pool.id == pool_id)

    monkeypatch.setattr(local_node, "ensure_running", ensure_running)
    monkeypatch.setattr(local_nodes, "loaded", loaded)
    return found


@pytest.fixture
def nodes(engine, config, clock, restarted):
    a_bare_pool(engine, "demo")
    return LocalNodes(engine, config, clock)


@pytest.fixture
def node(config):
    """A process that is the pool's local node, as its pid file says."""
    with subprocess.Popen(["sleep", "60"]) as process:
        since = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
        write_pid(config, f"{process.pid} {since}")
        yield process
        process.kill()


def write_pid(config, text):
    file = config.data_folder / "local-nodes/demo/node/node.pid"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")


def after(engine, action):
    """A turn of that action is over."""
    turn = started(engine, "demo", action)
    turns.end(engine, turn.ticket_id, TicketState.DONE, "")
    return turn


def test_one_that_was_killed_is_started_again_under_the_fence_of_the_last_turn(
    engine, nodes, node, restarted
):
    turn = after(engine, "create")
    nodes.check()
    assert restarted == []
    node.kill()
    node.wait()
    nodes.check()
    assert restarted == [("demo", turn.fence)]


@pytest.mark.parametrize(
    "pid",
    [f"{os.getpid()} 1", "1", "", "x y", f"{10**30} 5"],
    ids=["born at another time", "no time", "empty", "no numbers", "no pid"],
)
def test_a_pid_that_is_another_process_or_none_does_not_count(engine, nodes, config, restarted, pid):
    after(engine, "create")
    write_pid(config, pid)
    nodes.check()
    assert [name for name, _ in restarted] == ["demo"]


@pytest.mark.parametrize("action", ["suspend", "stop"])
def test_it_rests_after_a_suspend_or_stop(engine, nodes, restarted, action):
    after(engine, "create")
    after(engine, action)
    nodes.check()
    assert restarted == []


def test_it_is_left_alone_before_the_first_turn_and_while_one_is_at_work(engine, nodes, restarted):
    nodes.check()
    started(engine, "demo", "create")
    nodes.check()
    assert restarted == []


def test_one_that_does_not_stay_up_is_tried_less_and_less_often(engine, nodes, clock, restarted):
    after(engine, "create")
    restarted.broken = ("demo",)
    for _ in range(100):
        nodes.check()
        clock.now += 12
    assert 6 < len(restarted) < 14
    tries = len(restarted)
    clock.now += 3600
    nodes.check()
    assert len(restarted) == tries + 1


def test_nothing_is_started_once_the_manager_ends(engine, nodes, restarted):
    after(engine, "create")
    nodes.leave()
    nodes.check()
    assert restarted == []
