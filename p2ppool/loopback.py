"""Which addresses only this machine reaches."""

from ipaddress import ip_address


def is_loopback(name: str) -> bool:
    """Return whether a host name or address is this machine's own, by its text alone; nothing is resolved."""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
