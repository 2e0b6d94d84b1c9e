"""Addresses of nodes as requests and certificates have them."""

from p2ppool.node import address


def is_node_address(text: str) -> bool:
    """Whether it is `brunet:node:` and 32 characters in base32, in their one spelling."""
    try:
        return address.write(address.parse(text)) == text
    except address.AddressError:
        return False
