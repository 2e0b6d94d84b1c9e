"""Connecting to many at a time, on real sockets."""

import socket
import threading
from contextlib import ExitStack, closing

import pytest

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.dial import Dialer
from tests.lab.hosts import faults
from tests.lab.waiting import eventually

LIMITS = FleetLimits(connect_timeout=0.5, banner_timeout=0.5)


def target(address, port):
    return Target(key=1, name="host", address=address, port=port, host_key=None)


@pytest.fixture
def dialer():
    with closing(Dialer(LIMITS)) as dialer:
        yield dialer


def result(dialer, address):
    dialer.dial(7, target(*address[:2]))
    [(ticket, found)] = eventually(lambda: dialer.poll(0.1))
    assert ticket == 7
    assert dialer.in_flight == 0
    return found


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (faults.refused, ErrorKind.REFUSED),
        (faults.swallowed, ErrorKind.TIMEOUT),
        (faults.Banner, ErrorKind.SILENT),
        (lambda: faults.Banner(b"SSH"), ErrorKind.NOT_SSH),
        (lambda: faults.Banner(b"220 ftp.example ready\r\n"), ErrorKind.NOT_SSH),
        (lambda: faults.Banner(b"\0" * 1000, endless=True), ErrorKind.NOT_SSH),
    ],
    ids=["refused", "swallowed", "silent", "stops short", "FTP", "floods"],
)
def test_each_dead_end_has_its_own_kind(dialer, server, kind):
    with server() as there:
        found = result(dialer, getattr(there, "address", there))
    assert isinstance(found, HostFault)
    assert found.kind is kind
    assert str(found).isprintable()


def test_a_server_that_hangs_up_is_reported_so(dialer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        dialer.dial(7, target(*server.getsockname()))
        server.accept()[0].close()
        [(_, fault)] = eventually(lambda: dialer.poll(0.1))
    assert fault.kind is ErrorKind.CONNECTION_LOST


@pytest.mark.parametrize("address", ["nonsense", "", "127.0.0.1.5"])
def test_what_is_no_address_is_unresolved(dialer, address):
    assert result(dialer, (address, 22)).kind is ErrorKind.UNRESOLVED


def test_an_address_that_nothing_leads_to_is_unreachable(dialer):
    assert result(dialer, ("255.255.255.255", 22)).kind is ErrorKind.UNREACHABLE


@pytest.mark.parametrize("said", [b"SSH-2.0-x\r\n", b"keep out\r\nSSH-2.0-x\r\n"])
def test_a_banner_is_left_in_the_socket(dialer, said):
    with faults.Banner(said) as server, result(dialer, server.address) as sock:
        assert sock.recv(100) == said
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_banner_may_come_in_pieces(dialer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        dialer.dial(7, target(*server.getsockname()))
        assert dialer.poll(0.1) == []
        there, _ = server.accept()
        with there:
            there.sendall(b"SS")
            assert dialer.poll(0.1) == []
            there.sendall(b"H-2.0-x\r\n")
            [(_, sock)] = eventually(lambda: dialer.poll(0.1))
            with sock:
                assert sock.recv(100) == b"SSH-2.0-x\r\n"


def test_dead_ones_wait_side_by_side(dialer):
    with ExitStack() as stack:
        for number in range(200):
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            dialer.dial(number, target(*server.getsockname()))
        found = []
        eventually(lambda: found.extend(dialer.poll(0.1)) or len(found) == 200)
    assert {fault.kind for _, fault in found} == {ErrorKind.SILENT}
    assert sorted(ticket for ticket, _ in found) == list(range(200))


def test_hanging_up_gives_back_all_that_was_not_ready(dialer):
    with faults.Banner() as server:
        for number in range(5):
            dialer.dial(number, target(*server.address))
        assert dialer.hang_up() == [0, 1, 2, 3, 4]
    assert dialer.in_flight == 0
    assert dialer.poll(0) == []


def test_another_thread_can_wake_a_waiting_poll(dialer):
    threading.Timer(0.1, dialer.wake).start()
    assert dialer.poll(60) == []
