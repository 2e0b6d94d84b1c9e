"""The addresses of the manager's own machine."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_DISCARD: Final = 9  # a port; connecting a UDP socket sends nothing


def address_towards(others: Iterable[str]) -> str:
    """Return the address from which the first routable host of `others` is reached; otherwise loopback."""
    for other in others:
        with suppress(OSError), _udp_socket(other) as probe:
            probe.connect((other, _DISCARD))
            return str(probe.getsockname()[0])
    return LOOPBACK


def is_own(address: str) -> bool:
    """Return whether a node of this machine can listen on the address."""
    try:
        with _udp_socket(address) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return not ip_address(address).is_unspecified


def _udp_socket(address: str) -> socket.socket:
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET  # noqa: PLR2004
    return socket.socket(family, socket.SOCK_DGRAM)
