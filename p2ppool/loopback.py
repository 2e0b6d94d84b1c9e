"""Loopback addresses, which only this machine can reach."""

from ipaddress import ip_address


def is_loopback(name: str) -> bool:
    """Tell whether a host name or address is loopback, by its text alone; nothing is resolved."""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
