"""sshd hosts are as far apart as machines are, can talk to each other, and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.hosts.namespaces import SshdFleet
from tests.lab.hosts.ssh_client import login, run
from tests.lab.waiting import eventually

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]


def devices():
    return {name for _, name in socket.if_nameindex()}


def device(manager_address):
    """The one device of the machine that belongs to a fleet."""
    return f"p2plab{manager_address.split('.')[2]}"


def processes_naming(text):
    found = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if text in line]


@pytest.fixture
def logins(sshd_fleet, ssh_key):
    """Connections to the first two hosts."""
    first, second = sshd_fleet.addresses[:2]
    with login(first, ssh_key.private_pem) as one, login(second, ssh_key.private_pem) as other:
        yield one, other


@pytest.mark.parametrize("folder", ["/tmp", "/home/p2p", "/var/tmp", "/dev/shm"])
def test_files_of_one_host_are_on_that_host_only(sshd_fleet, logins, folder):
    name = f"{folder}/lab-{os.getpid()}"
    run(logins[0], f"touch {name}")
    assert name in sshd_fleet.hosts[0].files(folder)
    assert name not in sshd_fleet.hosts[1].files(folder)
    assert not Path(name).exists()


def test_what_root_changes_on_a_host_does_not_change_the_machine(sshd_fleet):
    name = f"/etc/lab-{os.getpid()}"
    sshd_fleet.hosts[0].exec_root(f"touch {name}")
    assert not Path(name).exists()


def test_the_machine_s_own_ssh_keys_are_out_of_sight(sshd_fleet):
    shown = sshd_fleet.hosts[0].exec_root("cat /etc/ssh/*.pub").stdout
    assert not [key for key in Path("/etc/ssh").glob("*.pub") if key.read_text().split()[1] in shown]


def test_a_host_sees_its_own_processes_only(sshd_fleet, logins):
    for transport in logins:
        transport.open_session(timeout=10).exec_command("exec sleep 98765")
    for host, transport in zip(sshd_fleet.hosts, logins, strict=False):
        eventually(lambda host=host: list(host.processes().values()).count("sleep 98765") == 1)
        assert run(transport, "ps -eo args= | grep -cx 'sleep 98765'").stdout == b"1\n"


def test_each_host_has_its_own_name_and_user(logins):
    assert [run(transport, "hostname; id -un").stdout for transport in logins] == [
        b"host-1\np2p\n",
        b"host-2\np2p\n",
    ]


def test_orphans_are_buried(sshd_fleet, logins):
    run(logins[0], "(setsid true &) >/dev/null 2>&1")
    eventually(lambda: sshd_fleet.hosts[0].exec_root("ps -eo stat= | grep -c Z", check=False).stdout == "0\n")


SOCKET = "import socket, sys; s = socket.socket(type=socket.SOCK_DGRAM)"
LISTEN = f"{SOCKET}; s.bind(('0.0.0.0', 5000)); print(s.recv(99), flush=True)"
SEND = f"{SOCKET}; s.sendto(b'hello', (sys.argv[1], int(sys.argv[2])))"


def test_hosts_reach_each_other_by_udp(sshd_fleet, logins):
    channel = logins[1].open_session(timeout=10)
    channel.settimeout(20)
    channel.exec_command(f'python3 -c "{LISTEN}"')
    host = sshd_fleet.hosts[1]
    eventually(lambda: ":1388 " in host.exec_root("cat /proc/net/udp").stdout)  # 5000 in hexadecimal
    run(logins[0], f'python3 -c "{SEND}" {host.address} 5000')
    assert channel.makefile("rb").readline() == b"b'hello'\n"


def test_hosts_reach_the_manager_by_udp(sshd_fleet, logins):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((sshd_fleet.manager_address, 0))
        sock.settimeout(20)
        run(logins[0], f'python3 -c "{SEND}" {sshd_fleet.manager_address} {sock.getsockname()[1]}')
        data, (sender, _) = sock.recvfrom(99)
    assert (data, sender) == (b"hello", sshd_fleet.hosts[0].address)


def test_two_fleets_live_side_by_side(sshd_fleet, ssh_key):
    with SshdFleet(1, ssh_key.public_line) as second:
        assert second.manager_address != sshd_fleet.manager_address
        with login(second.addresses[0], ssh_key.private_pem) as transport:
            assert run(transport, "hostname").stdout == b"host-1\n"


def test_after_a_stop_nothing_is_left(sshd_fleet, ssh_key):
    node = f"sleep {100_000 + os.getpid()}"
    with SshdFleet(2, ssh_key.public_line) as fleet:
        with login(fleet.addresses[0], ssh_key.private_pem) as transport:
            run(transport, f"setsid {node} </dev/null >/dev/null 2>&1 &")
        assert processes_naming(node)
        assert device(fleet.manager_address) in devices()
    assert not processes_naming(node)
    assert device(fleet.manager_address) not in devices()
    assert not [mount for mount in Path("/proc/mounts").read_text().splitlines() if mount.startswith("lab ")]


def test_after_its_owner_was_killed_nothing_is_left(sshd_fleet, ssh_key):
    script = (
        "import sys, time\n"
        "from tests.lab.hosts.namespaces import SshdFleet\n"
        "with SshdFleet(2, sys.argv[1]) as fleet:\n"
        "    print(fleet.manager_address, fleet._hub.pid, *(host.pid for host in fleet.hosts), flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, ssh_key.public_line], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as owner:
        address, *pids = owner.stdout.readline().split()
        owner.send_signal(signal.SIGKILL)
    eventually(lambda: device(address) not in devices())
    eventually(lambda: not [pid for pid in pids if Path(f"/proc/{pid}").exists()])
