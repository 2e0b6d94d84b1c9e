"""The faults of one sshd host show as their names say, spare the other hosts, and are repaired afterwards."""

import socket

import paramiko
import pytest

from tests.lab.hosts.keys import SshKey
from tests.lab.hosts.ssh_client import connect, login, run

pytestmark = pytest.mark.root

SHORT = 0.5  # seconds: what never comes is not waited for longer


@pytest.fixture
def host(sshd_fleet, ssh_key):
    """The last host; after the test it must be as good as new."""
    host = sshd_fleet.hosts[-1]
    yield host
    with login((host.address, host.port), ssh_key.private_pem) as transport:
        assert run(transport, "echo repaired").stdout == b"repaired\n"


@pytest.fixture
def neighbour(sshd_fleet):
    return sshd_fleet.hosts[0].address, 22


def test_refused(host, neighbour):
    with host.refused():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host.address, 22), timeout=10)
        with connect(neighbour):
            pass


def test_refusing_new_connections_leaves_old_ones_alone(host, ssh_key):
    with login((host.address, 22), ssh_key.private_pem) as transport, host.refused():
        assert run(transport, "echo still here").stdout == b"still here\n"


def test_swallowed(host, neighbour):
    with host.swallowed():
        with pytest.raises(TimeoutError):
            socket.create_connection((host.address, 22), timeout=SHORT)
        with connect(neighbour):
            pass


def test_swallowed_in_the_middle_of_a_command(host, ssh_key):
    with login((host.address, 22), ssh_key.private_pem) as transport:
        with host.swallowed(), pytest.raises((TimeoutError, paramiko.SSHException)):
            transport.open_session(timeout=SHORT)
        assert run(transport, "echo back again").stdout == b"back again\n"


def test_silent(host):
    with (
        host.silent(),
        socket.create_connection((host.address, 22), timeout=SHORT) as sock,
        pytest.raises(TimeoutError),
    ):
        sock.recv(1)


def test_link_down(host):
    with host.link_down(), pytest.raises(OSError):
        socket.create_connection((host.address, 22), timeout=SHORT)


def test_auth_refused(host, ssh_key):
    with (
        host.auth_refused(),
        pytest.raises(paramiko.AuthenticationException),
        login((host.address, 22), ssh_key.private_pem),
    ):
        pass


def test_a_stranger_s_key_is_refused(host):
    with (
        pytest.raises(paramiko.AuthenticationException),
        login((host.address, 22), SshKey.generate().private_pem),
    ):
        pass


def host_key(host):
    with connect((host.address, host.port)) as transport:
        return transport.get_remote_server_key()


def test_other_host_keys(host):
    before = host_key(host)
    with host.other_host_keys():
        during = host_key(host)
    assert during != before
    assert during.get_name() == before.get_name()
    assert host_key(host) == before


@pytest.mark.parametrize("room_kib", [0, 256])
def test_disk_full(host, ssh_key, room_kib):
    full = host.disk_full("/home/p2p/full", room_kib=room_kib)
    with full, login((host.address, 22), ssh_key.private_pem) as transport:
        answer = run(transport, "cat >full/upload", bytes(1_000_000))
        written = int(run(transport, "stat -c %s full/upload").stdout)
    assert answer.status != 0
    assert b"No space left on device" in answer.stderr
    assert written == room_kib * 1024
    assert host.files("/home/p2p/full") == []
