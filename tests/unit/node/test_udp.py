import socket

import pytest

from p2ppool.node import udp, wire
from p2ppool.node.config import StartError


@pytest.fixture
def open_port(monkeypatch):
    """Opens a port as a process does whose environment names `host`."""
    opened = []

    def open_it(host, number=0):
        monkeypatch.setenv(udp.BIND_VARIABLE, host)
        opened.append(udp.Port(number))
        return opened[-1]

    yield open_it
    for port in opened:
        port.close()


def test_a_port_bound_to_one_address_is_reached_there(open_port):
    port = open_port("127.0.0.1")
    assert port.inside() == ("127.0.0.1", port.number)
    assert port.local_ips([("10.0.0.1", 1)]) == ["127.0.0.1"]
    assert port.transports([]) == [f"brunet.udp://127.0.0.1:{port.number}/"]


def test_a_port_without_an_address_is_reached_at_every_one(open_port):
    port = open_port("")
    assert port.inside() == ("127.0.0.1", port.number)
    (ip,) = port.local_ips([("no-address.example", 1), ("127.0.0.1", 1)])
    transports = [f"brunet.udp://{ip}:{port.number}/", f"brunet.udp://127.0.0.1:{port.number}/"]
    assert port.transports([]) == list(dict.fromkeys(transports))


def test_datagrams_come_and_go(open_port):
    one, other = open_port("127.0.0.1"), open_port("127.0.0.1")
    one.send(b"here", other.inside())
    assert list(other.receive()) == [(b"here", one.inside())]
    assert list(other.receive()) == []


def test_an_oversize_datagram_is_seen_as_such(open_port):
    one, other = open_port("127.0.0.1"), open_port("127.0.0.1")
    one.send(b"x" * (wire.LARGEST + 500), other.inside())
    ((data, _),) = other.receive()
    assert len(data) > wire.LARGEST


def test_what_the_system_refuses_to_send_is_lost_and_no_more(open_port):
    port = open_port("127.0.0.1")
    port.send(b"x" * 70000, ("127.0.0.1", 9))
    port.send(b"x", ("255.255.255.255", 9))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-address.invalid"])
def test_an_address_of_another_machine_cannot_be_bound(open_port, host):
    with pytest.raises(StartError, match=f"cannot listen on UDP port 0 of {host}: "):
        open_port(host)


def test_resolving():
    assert udp.resolve("10.0.0.1", 7) == ("10.0.0.1", 7)
    assert udp.resolve("localhost", 7) == ("127.0.0.1", 7)
    with pytest.raises(socket.gaierror):
        udp.resolve("no-address.invalid", 7)
