"""Upgrades on real hosts: a new version comes to all of them, or to none. The tests tell one pool's story."""

import pytest

from tests.e2e.test_pool import pid_of, run_on, whole
from tests.lab.manager.packages import (
    BROKEN,
    BROKEN_ON_HOSTS,
    ENDS_LATE,
    LONER,
    a_node_that,
    another_reference_node,
)

pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

POOL = "upgraded"
HOSTS = 4


def versions(fleet, addresses):
    return [run_on(fleet, one, f"readlink {fleet.install_path}-{POOL}/current") for one in addresses]


def node_addresses(fleet, addresses):
    command = f"grep -o '<NodeAddress>[^<]*' {fleet.install_path}-{POOL}/node/node.config"
    return [run_on(fleet, one, command) for one in addresses]


def upgrade(manager, *options):
    return manager.json("pool", "upgrade", POOL, *options)


def test_a_dry_run_of_a_creation_looks_at_each_host_and_creates_nothing(manager, fleet, create):
    hosts = [*fleet.addresses[:2], (fleet.addresses[2][0], 1)]
    looked = create(POOL, hosts, "--dry-run")
    assert [(row["host"], row["result"]) for row in looked] == [
        (hosts[0][0], "done"),
        (hosts[1][0], "done"),
        (hosts[2][0], "refused"),
    ]
    assert looked[0]["what"].startswith("install ")
    assert manager.run("pool", "status", POOL).returncode == 1
    assert run_on(fleet, hosts[0], f"ls -d {fleet.install_path}-{POOL} 2>/dev/null") == ""


def test_a_new_version_comes_to_every_host_and_nodes_keep_their_addresses(manager, fleet, create, tmp_path):
    hosts = fleet.addresses[:HOSTS]
    assert create(POOL, hosts)["outcome"] == "done"
    manager.crawl_until(POOL, whole(HOSTS + 1))
    before, addresses = versions(fleet, hosts), node_addresses(fleet, hosts)

    done = upgrade(manager, "--package", another_reference_node(tmp_path / "second.zip", "2"), "--batch", "2")

    assert (done["outcome"], done["message"]) == ("done", "upgraded on all 4 hosts")
    after = versions(fleet, hosts)
    assert (len(set(after)), set(after) & set(before)) == (1, set())
    assert node_addresses(fleet, hosts) == addresses
    manager.crawl_until(POOL, whole(HOSTS + 1))
    assert manager.status(POOL)["pool"]["package"].startswith("second ")


@pytest.mark.parametrize(
    ("program", "why"), [(BROKEN_ON_HOSTS, "it failed on"), (LONER, "the overlay did not recover")]
)
def test_a_broken_version_leaves_every_host_on_the_old_one(manager, fleet, tmp_path, program, why):
    hosts = fleet.addresses[:HOSTS]
    before = versions(fleet, hosts), manager.status(POOL)["pool"]["package"]
    pids = [pid_of(fleet, host, POOL) for host in hosts]

    failed = upgrade(manager, "--package", a_node_that(tmp_path / "broken.zip", program))

    assert failed["outcome"] == "failed", failed
    assert failed["message"].startswith(f"aborted: {why}")
    assert failed["message"].endswith("the pool keeps its version, 1 host was rolled back")
    assert [host["result"] for host in failed["hosts"]] == ["rolled_back"]
    assert (versions(fleet, hosts), manager.status(POOL)["pool"]["package"]) == before
    after = [pid_of(fleet, host, POOL) for host in hosts]
    assert [now == then for now, then in zip(after, pids, strict=True)].count(False) == 1  # the canary
    manager.crawl_until(POOL, whole(HOSTS + 1))


@pytest.mark.parametrize(("program", "why"), [(BROKEN, "Invalid NodeConfig"), (ENDS_LATE, "the late reason")])
def test_a_version_that_can_t_run_as_the_local_node_reaches_no_host(manager, fleet, tmp_path, program, why):
    hosts = fleet.addresses[:HOSTS]
    pids = [pid_of(fleet, host, POOL) for host in hosts]
    failed = upgrade(manager, "--package", a_node_that(tmp_path / "broken.zip", program))
    assert failed["outcome"] == "failed", failed
    assert failed["message"].startswith(f"aborted: the local node of pool {POOL}: ")
    assert why in failed["message"]
    assert failed["message"].endswith("the pool keeps its version, 0 hosts were rolled back")
    assert [pid_of(fleet, host, POOL) for host in hosts] == pids
    manager.crawl_until(POOL, whole(HOSTS + 1))


def test_hosts_are_added_and_taken_out_and_a_dry_run_says_so_before(manager, fleet, tmp_path):
    stay, leave, come = fleet.addresses[:3], fleet.addresses[3], fleet.addresses[4]
    listed = tmp_path / "hosts"
    listed.write_text("".join(f"{address}:{port}\n" for address, port in [*stay, come]))

    planned = upgrade(manager, "--hosts", listed, "--dry-run")

    assert planned["outcome"] == "done", planned
    assert planned["message"] == "would change 5 of 5 hosts"
    plan = {row["host"]: row["facts"]["would"] for row in planned["hosts"]}
    assert plan[leave[0]] == "uninstall"
    assert plan[come[0]].startswith("install ")
    assert {plan[host].split()[0] for host, _ in stay} == {"replace"}  # as its list of peers changes
    assert len(manager.status(POOL)["hosts"]) == HOSTS

    done = upgrade(manager, "--hosts", listed, "--canary", "0")

    assert done["outcome"] == "done", done
    manager.crawl_until(POOL, whole(HOSTS + 1))
    assert {host["host"] for host in manager.status(POOL)["hosts"]} == {host for host, _ in [*stay, come]}
    assert "node.pid" not in run_on(fleet, leave, f"ls -A {fleet.install_path}-{POOL}/node || true")


def test_too_many_failures_call_it_off(manager, fleet, tmp_path):
    """Two of four hosts can't be reached, which is more than one."""
    hosts = [*fleet.addresses[:2], (fleet.addresses[0][0], 1), (fleet.addresses[1][0], 1)]
    listed = tmp_path / "hosts"
    listed.write_text("".join(f"{address}:{port}\n" for address, port in hosts))

    failed = upgrade(manager, "--hosts", listed, "--failure-count", "1")

    assert failed["outcome"] == "failed"
    assert failed["message"].startswith("aborted: more than 1 hosts or 50 % of 4 hosts failed")
    assert len(manager.status(POOL)["hosts"]) == HOSTS
    manager.crawl_until(POOL, whole(HOSTS + 1))
