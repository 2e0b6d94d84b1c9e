"""Bounds on clients: how many connections, how slow, and how large their requests may be."""

import ipaddress
from dataclasses import dataclass
from typing import Final

from p2ppool.settings import Settings

_SITE: Final = 64  # prefix bits of an IPv6 network that one customer gets


@dataclass(frozen=True)
class Bounds:
    """What the server grants to a client; times in seconds.

    Attributes:
        connections: that may be open, of everybody.
        per_address: of them, those of one address.
        head: until a request's head, or the TLS handshake, must be complete.
        idle: until a connection without a request is closed.
        slowest: bytes a second that must move while a body or an answer is under way.
        exempt: the address whose connections are not counted as one client's.
    """

    connections: int
    per_address: int
    head: float
    idle: float
    slowest: int
    exempt: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Bounds":
        """Return the bounds that the settings name."""
        return cls(
            settings.web_connections,
            settings.web_connections_per_address,
            settings.web_head_timeout,
            settings.web_idle_timeout,
            settings.web_slowest,
            client_of(settings.trusted_proxy),
        )


def client_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _SITE), strict=False))
