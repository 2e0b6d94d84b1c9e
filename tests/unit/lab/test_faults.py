"""Each broken server shows to a plain SSH client as its name says; on loopback, before a demo host."""

import hashlib
import socket
import time

import paramiko
import pytest

from tests.lab.hosts import faults
from tests.lab.hosts.ssh_client import connect, login, run
from tests.lab.waiting import eventually

pytestmark = pytest.mark.slow

SHORT = 0.5  # seconds: what never comes is not waited for longer
UPLOAD = bytes(1_000_000)


@pytest.fixture
def demo_address(demo_hosts):
    address, port = demo_hosts.addresses[0].split(":")
    return address, int(port)


def test_refused_refuses_at_once():
    with faults.refused() as address, pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)


def test_swallowed_never_answers():
    with faults.swallowed() as address, pytest.raises(TimeoutError):
        socket.create_connection(address, timeout=SHORT)


def test_a_silent_host_connects_and_says_nothing():
    with (
        faults.Banner() as server,
        socket.create_connection(server.address, timeout=SHORT) as sock,
        pytest.raises(TimeoutError),
    ):
        sock.recv(1)


def test_a_silent_host_costs_ssh_its_banner_time_out():
    with (
        faults.Banner() as server,
        pytest.raises(paramiko.SSHException, match="banner"),
        connect(server.address, SHORT),
    ):
        pass


def test_a_banner_says_what_it_is_told():
    text = b"HTTP/1.1 400 Bad Request\r\n"
    with faults.Banner(text) as server, socket.create_connection(server.address, timeout=10) as sock:
        assert sock.makefile("rb").readline() == text


def test_an_endless_banner_goes_on_for_as_long_as_it_is_read():
    server = faults.Banner(b"all work and no play\n", endless=True)
    with server, socket.create_connection(server.address, timeout=10) as sock:
        assert len(sock.makefile("rb").read(1_000_000)) == 1_000_000


def test_a_proxy_without_a_fault_changes_nothing(demo_address, ssh_key):
    with faults.Proxy(demo_address) as proxy, login(proxy.address, ssh_key.private_pem) as transport:
        digest = run(transport, "sha256sum", UPLOAD).stdout.split()[0].decode()
    assert digest == hashlib.sha256(UPLOAD).hexdigest()


def test_a_cut_ends_the_connection_in_the_middle_of_an_upload(demo_hosts, demo_address, ssh_key):
    part = demo_hosts.homes[0] / "upload.part"
    with faults.Proxy(demo_address, cut_after=300_000) as proxy:
        with login(proxy.address, ssh_key.private_pem) as transport:
            channel = transport.open_session(timeout=10)
            channel.exec_command("cat >upload.part")
            with pytest.raises((OSError, EOFError)):
                channel.sendall(bytes(50_000_000))
            eventually(lambda: not transport.is_active())
        assert 0 < eventually(lambda: part.exists() and part.stat().st_size) < 300_000


def test_a_stall_keeps_the_connection_and_lets_nothing_through(demo_address, ssh_key):
    proxy = faults.Proxy(demo_address, stall_after=300_000)
    with proxy, login(proxy.address, ssh_key.private_pem) as transport:
        channel = transport.open_session(timeout=10)
        channel.settimeout(SHORT)
        channel.exec_command("cat >/dev/null; echo all")
        channel.sendall(UPLOAD)
        channel.shutdown_write()
        with pytest.raises(TimeoutError):
            channel.recv(1)
        assert transport.is_active()


def test_a_slow_line_takes_the_time_its_rate_says_and_loses_nothing(demo_address, ssh_key):
    proxy = faults.Proxy(demo_address, bytes_per_second=1_000_000)
    with proxy, login(proxy.address, ssh_key.private_pem) as transport:
        begun = time.monotonic()
        digest = run(transport, "sha256sum", UPLOAD).stdout.split()[0].decode()
    assert time.monotonic() - begun > 0.9  # never faster than the line
    assert digest == hashlib.sha256(UPLOAD).hexdigest()


def test_nothing_answers_any_more_once_a_fault_is_over():
    with faults.Banner() as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, timeout=10)
