"""The UDP port of a process, and the addresses of this machine at which it can be reached."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from typing import Iterable, List, Tuple

from . import wire
from .config import StartError
from .wire import Endpoint

ANY = "0.0.0.0"  # noqa: S104 - a node has to be reachable from other hosts
BIND_VARIABLE = "P2PPOOL_HOST_ADDRESS"
"""Environment variable with the address to bind, for several hosts on one machine. Unset: every interface."""
LOOPBACK = "127.0.0.1"
RECEIVE_BUFFER = 1 << 20
DATAGRAMS_AT_ONCE = 64
_ELSEWHERE = ("192.0.2.1", 9)  # RFC 5737: an unused address; connecting a UDP socket sends nothing


class Port:
    """A bound UDP socket that never blocks.

    Raises:
        StartError: the port or address cannot be bound.
    """

    def __init__(self, number: int) -> None:
        self._host = os.environ.get(BIND_VARIABLE) or ANY
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            self._socket.bind((self._host, number))
        except OSError as error:
            self._socket.close()
            message = "cannot listen on UDP port %d of %s: %s" % (number, self._host, error.strerror or error)
            raise StartError(message) from None
        self.number: int = self._socket.getsockname()[1]

    def fileno(self) -> int:
        """Return the descriptor, for an event loop."""
        return self._socket.fileno()

    def close(self) -> None:
        """Release the port."""
        self._socket.close()

    def send(self, data: bytes, endpoint: Endpoint) -> None:
        """Send one datagram. One that the system refuses is lost like any other that UDP loses."""
        with contextlib.suppress(OSError):
            self._socket.sendto(data, endpoint)

    def receive(self) -> Iterable[Tuple[bytes, Endpoint]]:
        """Yield the datagrams that have arrived, up to DATAGRAMS_AT_ONCE."""
        for _ in range(DATAGRAMS_AT_ONCE):
            try:
                yield self._socket.recvfrom(wire.LARGEST + 1)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error about an earlier datagram; the next one may be fine

    def inside(self) -> Endpoint:
        """Return the endpoint at which the nodes of this process reach each other."""
        return (LOOPBACK if self._host == ANY else self._host, self.number)

    def local_ips(self, remotes: Iterable[Tuple[str, int]]) -> List[str]:
        """Return the address at which the `remotes` (host,
        port) may reach this port, as a list like Brunet's.
        """
        return [_outgoing(remotes) if self._host == ANY else self._host]

    def transports(self, remotes: Iterable[Tuple[str, int]]) -> List[str]:
        """Return the same as Brunet transport addresses, and the one for this machine."""
        hosts = self.local_ips(remotes)
        if self._host == ANY and LOOPBACK not in hosts:
            hosts.append(LOOPBACK)
        return ["brunet.udp://%s:%d/" % (host, self.number) for host in hosts]


def _outgoing(remotes: Iterable[Tuple[str, int]]) -> str:
    """Return the address of the interface that leads to the first of the `remotes` on another machine.

    Without such a remote, it is the interface that leads to other networks, or loopback if there is none.
    Names are skipped, since resolving them may take long.
    """
    for host, port in (*remotes, _ELSEWHERE):
        with contextlib.suppress(ValueError, OSError):
            found = _interface_towards(str(ipaddress.IPv4Address(host)), port)
            if not found.startswith("127."):
                return found
    return LOOPBACK


def _interface_towards(ip: str, port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((ip, port))
        return str(probe.getsockname()[0])


def resolve(host: str, port: int) -> Endpoint:
    """Resolve the IPv4 endpoint of `host`, a name or an address;
    raises OSError or UnicodeError if it has none.
    """
    try:
        return str(ipaddress.IPv4Address(host)), port
    except ValueError:
        return str(socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]), port
