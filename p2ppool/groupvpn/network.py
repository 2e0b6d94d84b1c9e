"""The virtual network of a group: a name, and the addresses of its members."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from p2ppool.errors import UserError, one_line

_NAMESPACE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SMALLEST: Final = 30  # bits of a netmask: two members
_LARGEST: Final = 8


@dataclass(frozen=True)
class VirtualNetwork:
    """An IPOP namespace with the addresses of its network, checked.

    Raises:
        UserError: a part is invalid.
    """

    namespace: str
    base: str = "5.0.0.0"
    netmask: str = "255.0.0.0"

    def __post_init__(self) -> None:
        if not _NAMESPACE.fullmatch(self.namespace):
            raise UserError(
                f"IP namespace: '{one_line(self.namespace, 60)}' must be up to 64 letters, digits, or _ . -"
            )
        _ = self.addresses

    @property
    def addresses(self) -> ipaddress.IPv4Network:
        """All addresses of the network."""
        base, mask = _address(self.base, "base IP"), _address(self.netmask, "netmask")
        try:
            found = ipaddress.IPv4Network(f"0.0.0.0/{mask}")
        except ValueError:
            raise UserError(f"netmask: {mask} is not a netmask: write one as 255.255.0.0") from None
        if not _LARGEST <= found.prefixlen <= _SMALLEST:
            raise UserError(f"netmask: {mask} is outside of 255.0.0.0 to 255.255.255.252")
        try:
            return ipaddress.IPv4Network(f"{base}/{mask}")
        except ValueError:
            begins = ipaddress.IPv4Network(f"{base}/{mask}", strict=False).network_address
            raise UserError(
                f"base IP: {base} lies inside of a network of netmask {mask}: it begins at {begins}"
            ) from None

    def overlaps(self, other: "VirtualNetwork") -> bool:
        """Return whether a machine in both could not tell where an address belongs."""
        return self.addresses.overlaps(other.addresses)


def _address(text: str, what: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        raise UserError(f"{what}: '{one_line(text, 40)}' is not an IPv4 address") from None
