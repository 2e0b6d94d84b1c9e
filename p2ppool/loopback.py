"""Loopback addresses, which only this machine can reach, and the names under which a server may answer."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(name: str) -> bool:
    """Tell whether a host name or address is loopback, by its text alone; nothing is resolved."""
    return name == "localhost" or (is_address(name) and ip_address(name).is_loopback)


def is_address(name: str) -> bool:
    """Tell whether `name` is an IP address and no host name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def listening_names(address: str) -> frozenset[str]:
    """Return the host names of a server that listens on `address`; the machine's own name only beyond
    loopback.
    """
    names = {"localhost", address.lower()}
    if not is_loopback(address):
        names.add(socket.gethostname().lower())
    return frozenset(names)


def is_own(host: str, names: frozenset[str]) -> bool:
    """Tell whether a Host header (RFC 9110, section 7.2) names this server.

    A page elsewhere can point a host name of its own to this server (DNS rebinding) and would then read our
    answers as its own. It can't do that with an IP address, so any address is accepted.
    """
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and (name in names or is_address(name))
