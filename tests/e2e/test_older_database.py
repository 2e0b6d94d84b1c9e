"""A database older than its hosts: actions go on by themselves; another manager's turns are told apart."""

import pytest
from sqlalchemy import select

from p2ppool.store.engine import open_engine
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork, reading

# Real sshd only: the demo's hosts keep fences in the same way.
pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

POOL = "older"


@pytest.fixture
def engine(manager):
    engine = open_engine(manager.store_url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def created(create, sshd_fleet):
    assert create(POOL, sshd_fleet.addresses[:2])["outcome"] == "done"


def fence(engine):
    with reading(engine) as work:
        return work.session.scalars(select(Pool.fence).where(Pool.name == POOL)).one()


def set_back(engine):
    """As if a copy from before the last turns had been put back; the fence that hosts have seen."""
    seen = fence(engine)
    with UnitOfWork(engine) as work:
        work.session.scalars(select(Pool).where(Pool.name == POOL)).one().fence = 0
        work.commit()
    return seen


@pytest.mark.parametrize("action", ["install", "suspend", "resume", "check"])
def test_actions_go_on_above_what_the_hosts_have_seen(manager, engine, action):
    manager.json("pool", "check", POOL)
    seen = set_back(engine)
    done = manager.json("pool", action, POOL)
    messages = [host["message"] for host in manager.status(POOL)["hosts"]]
    assert done["outcome"] == "done", (done["message"], messages)
    assert fence(engine) >= seen  # a check that finds nothing to do leaves a host's fence as it is


def leave_as_another_manager(host, folder):
    """Put another manager's fence into the pool's folder."""
    host.exec_root(
        f"for link in {folder}/.fence/*; do "
        "case $link in *.by) ln -sfn another-manager $link ;; *) ln -sfn 1000 $link ;; esac; done"
    )


def test_another_managers_pool_is_refused_until_it_is_taken_over(manager, engine, sshd_fleet):
    for host in sshd_fleet.hosts[:2]:
        leave_as_another_manager(host, f"{sshd_fleet.home}/p2p-{POOL}")
    assert manager.json("pool", "install", POOL)["outcome"] == "failed"
    hosts = manager.status(POOL)["hosts"]
    assert {host["result"] for host in hosts} == {"fenced"}
    assert all("is older than 1000, by another manager" in host["message"] for host in hosts)
    asked = manager.run("pool", "take-over", POOL)
    assert (asked.returncode, asked.stderr.splitlines()[-1]) == (1, "p2ppool: nobody to ask: give --yes")
    assert manager.json("pool", "take-over", POOL, "--yes")["there"] == 1000
    assert manager.json("pool", "check", POOL)["outcome"] == "done"
    assert fence(engine) == 1001
    again = manager.run("pool", "take-over", POOL, "--yes")
    assert (again.returncode, again.stderr) == (
        1,
        f"p2ppool: no host of pool {POOL} has seen a later turn than 1001: nothing to take over\n",
    )
