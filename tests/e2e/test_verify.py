"""What can be wrong on a host is found and named by a verification, and repaired by a check, on real sshd."""

from contextlib import contextmanager

import pytest

from tests.lab.hosts.ssh_client import login, run
from tests.lab.waiting import eventually

pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

POOL = "looked-at"
NODE = f"/home/p2p/p2p-{POOL}/node"


@pytest.fixture
def node(sshd_fleet, ssh_key):
    """Does something as the pool's user in a node's folder on that host."""

    def node(place, command):
        with login(sshd_fleet.addresses[place], ssh_key.private_pem) as transport:
            done = run(transport, f"cd {NODE} && {command}")
        assert done.status == 0, done.stderr
        return done.stdout.decode()

    return node


@contextmanager
def port_held(host, port):
    """Root has the UDP port on that host."""
    script = (
        "import socket, time; one = socket.socket(type=socket.SOCK_DGRAM); "
        f'one.bind(("", {port})); print(1, flush=True); time.sleep(1000)'
    )
    started = f"setsid python3 -c '{script}' >/run/held 2>&1 & echo $!"
    pid = host.exec_root(started).stdout.strip()
    eventually(lambda: host.exec_root("cat /run/held").stdout.strip() == "1")
    try:
        yield
    finally:
        host.exec_root(f"kill -9 {pid}")


def results(done):
    return [host["result"] for host in done["hosts"]]


def points(done, place):
    facts = done["hosts"][place]["facts"]
    return {name.removeprefix("point."): text for name, text in facts.items() if name.startswith("point.")}


def test_each_fault_is_named_and_what_can_be_repaired_is(manager, create, ports, sshd_fleet, node):
    assert create(POOL)["outcome"] == "done"
    sound = manager.json("pool", "verify", POOL)
    assert (sound["outcome"], sound["message"]) == ("done", "verified all 6 hosts"), sound
    assert set(points(sound, 0).values()) == {"ok"}

    node(1, "kill -9 $(cut -d' ' -f1 node.pid)")
    node(2, "P2PPOOL_HOST_ADDRESS=x setsid -f sleep 1000 </dev/null >/dev/null 2>&1")
    node(3, "sed -i 's/<BrunetNamespace>[^<]*/<BrunetNamespace>elsewhere/' node.config")
    node(4, "kill -9 $(cut -d' ' -f1 node.pid)")
    node(5, "kill -STOP $(cut -d' ' -f1 node.pid)")
    udp_port, _ = ports["sshd", POOL]
    with port_held(sshd_fleet.hosts[4], udp_port):
        found = manager.json("pool", "verify", POOL)
        assert found["message"].startswith("verified 1 of 6 hosts (")
        wrong = ["not_running", "several_processes", "wrong_namespace", "port_taken", "not_in_overlay"]
        assert results(found) == ["done", *wrong]
        assert points(found, 3)["namespace"] == f"elsewhere, not {POOL}"
        assert points(found, 2)["processes"] == "2 processes"
        assert "a process of user 0" in found["hosts"][4]["message"]
        assert points(found, 4)["version"] == "ok"

        checked = manager.json("pool", "check", POOL)
        assert checked["message"] == "in order on 5 of 6 hosts (1 port taken), 3 of them repaired"
        repaired = [host["facts"].get("repaired") for host in checked["hosts"]]
        assert repaired == [
            None,
            "no process ran (no process of its latest start)",
            "several processes ran (2 processes)",
            f"its config named another namespace (elsewhere, not {POOL})",
            None,
            None,
        ]
    node(5, "kill -CONT $(cut -d' ' -f1 node.pid)")
    assert manager.json("pool", "check", POOL)["message"] == "in order on all 6 hosts, 1 of them repaired"
    assert eventually(lambda: manager.json("pool", "verify", POOL)["outcome"] == "done", 60)


@contextmanager
def clock_ahead(host, seconds):
    """That host's `date` is wrong by so much; its kernel's clock is this machine's."""
    wrong = f"#!/bin/sh\nexec /bin/date -d '{seconds} seconds' \"$@\"\n"
    host.exec_root(f"cat >/usr/local/bin/date <<'END'\n{wrong}END\nchmod 755 /usr/local/bin/date")
    try:
        yield
    finally:
        host.exec_root("rm /usr/local/bin/date")


def test_hosts_are_measured_beside_a_crawl_and_one_that_does_not_answer_fails_nothing(manager, sshd_fleet):
    with sshd_fleet.hosts[1].refused(), clock_ahead(sshd_fleet.hosts[2], 3600):
        assert manager.json("pool", "crawl", POOL)["outcome"] == "done"
    first, second, ahead, *_ = manager.json("pool", "stats", POOL)
    assert abs(ahead["clock_offset"] - 3600) <= ahead["facts"]["clock_error"] + 0.05
    assert first["taken_at"] > second["taken_at"]
    for host in (first, second):
        assert 0 <= host["cpu"] <= 1
        assert 0 < host["memory_free"] < host["memory_total"]
        assert 0 < host["disk_free"] < host["disk_total"]
        assert host["node_rss"] > 1_000_000
        assert host["node_uptime"] < host["uptime"]
        assert abs(host["clock_offset"]) <= host["facts"]["clock_error"] + 0.05  # this very machine's clock
        assert host["facts"]["kernel"].startswith("Linux ")
        assert host["facts"]["python3"].startswith("3.")
    assert {host["result"] for host in manager.status(POOL)["hosts"]} == {"done"}
