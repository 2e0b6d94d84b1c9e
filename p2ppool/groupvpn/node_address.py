"""Addresses of nodes as in requests and certificates."""

from p2ppool.node import address


def is_node_address(text: str) -> bool:
    """Return whether it is `brunet:node:` and 32 characters in base32, in their one spelling."""
    try:
        return address.write(address.parse(text)) == text
    except address.AddressError:
        return False
