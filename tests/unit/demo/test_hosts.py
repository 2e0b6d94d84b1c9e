"""Demo hosts as a user meets them; what they have in common with sshd hosts is in lab/test_fleet.py."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import paramiko
import pytest

from p2ppool.demo.hosts import DemoHosts
from p2ppool.demo.processes import processes_left
from p2ppool.errors import UserError
from tests.lab.fixtures import own_address
from tests.lab.hosts.ssh_client import connect, login, run
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
# What a shell starts in the background ignores SIGINT; a node doesn't.
NODE = "env --default-signal setsid sleep 600 </dev/null >/dev/null 2>&1 &"


@pytest.fixture
def hosts(tmp_path, ssh_key):
    """Two demo hosts, not started yet."""
    key = ssh_key.public_line
    hosts = DemoHosts(tmp_path / "hosts", 2, authorized_key=key, port=0, first_address=own_address())
    yield hosts
    hosts.stop()


def pair(address):
    host, port = address.split(":")
    return host, int(port)


def test_every_host_listens_on_an_address_of_its_own(hosts):
    with hosts:
        for address in hosts.addresses:
            with connect(pair(address)):
                pass
        assert len({address.split(":")[0] for address in hosts.addresses}) == 2


def test_homes_are_inside_the_folder(hosts, ssh_key):
    with hosts:
        for address, home in zip(hosts.addresses, hosts.homes, strict=True):
            with login(pair(address), ssh_key.private_pem) as transport:
                assert run(transport, "pwd; dirname $(mktemp -u)").stdout.decode().split() == [
                    str(home),
                    f"{home}/tmp",
                ]


def test_host_keys_survive_a_restart(hosts):
    seen = []
    for _ in range(2):
        with hosts, connect(pair(hosts.addresses[0])) as transport:
            seen.append(transport.get_remote_server_key())
    assert seen[0] == seen[1]


def test_a_host_forwards_to_others_as_a_jump_host_and_nothing_back(demo_hosts, ssh_key):
    first, second = map(pair, demo_hosts.addresses[:2])
    with login(first, ssh_key.private_pem) as transport:
        way = transport.open_channel("direct-tcpip", second, ("127.0.0.1", 1), timeout=10)
        assert way.recv(4) == b"SSH-"
        with pytest.raises(paramiko.SSHException):
            transport.request_port_forward("127.0.0.1", 0)


def test_a_terminal_is_refused_and_the_command_still_runs(demo_hosts, ssh_key):
    with login(pair(demo_hosts.addresses[0]), ssh_key.private_pem) as transport:
        channel = transport.open_session(timeout=10)
        with pytest.raises(paramiko.SSHException):
            channel.get_pty()
        assert run(transport, "echo fine").stdout == b"fine\n"


def test_a_stop_ends_all_that_was_started_and_can_be_repeated(hosts, ssh_key):
    with hosts:
        with login(pair(hosts.addresses[0]), ssh_key.private_pem) as transport:
            run(transport, NODE)
        eventually(lambda: processes_left(hosts.token))
    assert processes_left(hosts.token) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(pair(hosts.addresses[0]), timeout=10)
    hosts.stop()


STARTER = """
import sys, time
from pathlib import Path
from p2ppool.demo.hosts import DemoHosts
hosts = DemoHosts(Path(sys.argv[1]), 1, authorized_key=sys.argv[2], port=0, first_address=sys.argv[3]).start()
print(hosts.port, hosts._process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def starter(hosts, ssh_key):
    """Another process that started the hosts, with a node on one; and the pid of the hosts' process."""
    arguments = [str(hosts.folder), ssh_key.public_line, hosts.first_address]
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        port, pid = map(int, process.stdout.readline().split())
        with login((hosts.first_address, port), ssh_key.private_pem) as transport:
            run(transport, NODE)
        eventually(lambda: processes_left(hosts.token))
        yield process, pid
        process.kill()


def test_hosts_and_nodes_end_when_their_starter_is_killed(hosts, starter):
    process, pid = starter
    process.kill()
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert processes_left(hosts.token) == []


def test_the_next_start_ends_what_was_left_when_all_were_killed(hosts, starter):
    process, pid = starter
    os.kill(pid, signal.SIGKILL)
    process.kill()
    assert processes_left(hosts.token)
    with hosts:
        assert processes_left(hosts.token) == []


def refusal(hosts):
    """The one line that says why the hosts don't start; no process of theirs is left."""
    with pytest.raises(UserError) as refused:
        hosts.start()
    assert hosts._process is None
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_busy_port_is_named(hosts):
    with socket.create_server((hosts.first_address, 0)) as taken:
        hosts.port = taken.getsockname()[1]
        assert f"port {hosts.port} of the demo hosts is in use" in refusal(hosts)


def test_a_folder_in_use_is_named_and_its_hosts_live_on(hosts, ssh_key):
    with hosts:
        second = DemoHosts(
            hosts.folder, 1, authorized_key=ssh_key.public_line, port=0, first_address=own_address()
        )
        assert f"already run in {hosts.folder}" in refusal(second)
        with connect(pair(hosts.addresses[0])):
            pass


def test_what_is_no_public_key_is_refused(hosts):
    hosts.authorized_key = "ssh-rsa " + "A" * 100_000
    assert "no OpenSSH public key" in refusal(hosts)


def test_without_asyncssh_it_says_what_to_install(hosts, tmp_path, ssh_key):
    key = tmp_path / "key"
    key.write_text(ssh_key.public_line)
    script = (
        "import sys; sys.modules['asyncssh'] = None\n"
        "from p2ppool.demo.host_process import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = [
        "--folder",
        hosts.folder,
        "--authorized-key",
        key,
        "--port",
        "0",
        "--first-address",
        own_address(),
    ]
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr == "the demo's SSH hosts need asyncssh: pip install 'p2ppool[demo]'\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_by_hand_it_runs_until_a_signal_and_says_when_it_is_ready(hosts, tmp_path, ssh_key, number):
    key = tmp_path / "key"
    key.write_text(ssh_key.public_line)
    arguments = [
        "--folder",
        hosts.folder,
        "--authorized-key",
        key,
        "--port",
        "0",
        "--first-address",
        own_address(),
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "p2ppool.demo.hosts", "--count", "3", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().startswith("ready 3 hosts on port ")
        process.send_signal(number)
        assert process.wait(20) == 0
