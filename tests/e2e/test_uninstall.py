"""After a stop and its uninstall check nothing of ours is left on any host, and nothing else was touched."""

import zipfile

import pytest

from tests.e2e.test_pool import run_on
from tests.lab.hosts.faults import Proxy

pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

POOL = "uninstalled"
# Every file of the host that its user could have made or changed, with kind, owner, mode, size and time; what
# only root can write to is left out.
FILES = (
    "find / /tmp /var/tmp /dev/shm /run -xdev "
    "'(' -path /usr -o -path /root -o -path /proc -o -path /sys ')' -prune "
    "-o '(' -user p2p -o -perm -0002 ! -type l ')' -printf '%p %y %u %m %s %T@\\n' 2>/dev/null | sort"
)
PROCESSES = "ps -e -o args= | grep -v 'sshd\\|ps -e\\|grep\\|sort' | sort"


def look(fleet, address):
    """Files and processes of a host, with a file of somebody else's in the home folder."""
    run_on(fleet, address, "[ -e mine ] || echo precious >mine")
    return run_on(fleet, address, FILES).splitlines(), run_on(fleet, address, PROCESSES).splitlines()


def without_times_of_folders(files):
    """A folder's own size and time change when something in it comes and goes."""
    return {line if line.split()[1] != "d" else " ".join(line.split()[:4]) for line in files}


def test_nothing_is_left_and_nothing_else_was_touched(manager, fleet, create):
    hosts = fleet.addresses[:3]
    before = {host: look(fleet, host) for host in hosts}
    assert any("/mine f p2p " in line for line in before[hosts[0]][0])
    with Proxy(hosts[0]) as line:
        assert create(POOL, [line.address, *hosts[1:]])["outcome"] == "done"
        address = line.address
    files, processes = look(fleet, hosts[0])
    assert len(files) > len(before[hosts[0]][0]) + 10
    assert len(processes) == len(before[hosts[0]][1]) + 1
    # The line is gone: that host can't be reached any more.
    stopped = manager.json("pool", "stop", POOL)
    assert (stopped["outcome"], stopped["message"]) == ("partial", "uninstalled on 2 of 3 hosts (1 refused)")
    left = {host["address"]: host["left"] for host in manager.status(POOL)["hosts"]}
    assert left == {
        f"{address[0]}:{address[1]}": "software",
        **{f"{host}:{port}": "fence" for host, port in hosts[1:]},
    }

    waiting = manager.json("pool", "uninstall-check", POOL)
    assert (waiting["outcome"], waiting["message"]) == (
        "partial",
        f"cleared 2 of 3 hosts (1 refused); left: {address[0]}",
    )
    assert manager.run("pool", "crawl", POOL).returncode == 1

    with Proxy(hosts[0], port=address[1]):
        done = manager.json("pool", "uninstall-check", POOL, "--keep-key")

    assert done["outcome"] == "done", done
    for host in hosts:
        files, processes = look(fleet, host)
        assert without_times_of_folders(files) == without_times_of_folders(before[host][0])
        assert processes == before[host][1]
    assert manager.run("pool", "status", POOL).returncode == 1
    assert not (manager.folder / "local-nodes" / POOL).exists()
    (archive,) = (manager.folder / "archives" / POOL).glob("archive-*.zip")
    assert archive.name in done["message"]
    with zipfile.ZipFile(archive) as kept:
        assert b"create" in kept.read("actions.csv")
    assert create(POOL, hosts[1:2])["outcome"] == "done"  # the name is free again
