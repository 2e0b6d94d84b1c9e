"""The configs of a member's virtual network: `ipop.config` and `dhcp.config`, as in IPOP's classes.

.NET's XmlSerializer reads them: elements are in the order of the classes' fields, without attributes.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from p2ppool.groupvpn.network import VirtualNetwork

_DECLARATION: Final = b'<?xml version="1.0" encoding="utf-8"?>\n'
_DEVICE: Final = "tapipop"
_DHCP_PORT: Final = 67
_LEASE: Final = 7200  # seconds


@dataclass(frozen=True)
class Enrolment:
    """The data with which a member's node gets its certificate by itself."""

    server: str
    group: str
    user: str
    secret: str = field(repr=False)


def write_ipop_config(
    network: VirtualNetwork, *, enrolment: Enrolment | None, end_to_end: bool, host_name: str = ""
) -> bytes:
    """Write `ipop.config`.

    Args:
        network: the group's network.
        enrolment: given if nodes have certificates.
        end_to_end: whether traffic between members is secured.
        host_name: the machine's name in the virtual network, if it has one.
    """
    root = ET.Element("IpopConfig")
    _add(root, "IpopNamespace", network.namespace)
    _add(root, "VirtualNetworkDevice", _DEVICE)
    _add(root, "EnableMulticast", value=True)
    _add(root, "EndToEndSecurity", value=end_to_end)
    _add(root, "DHCPPort", _DHCP_PORT)
    _add(root, "AllowStaticAddresses", value=True)
    if host_name:
        _add_all(root, "AddressData", {"Hostname": host_name})
    if enrolment:
        parts = {
            "Enabled": True,
            "ServerURI": enrolment.server,
            "Group": enrolment.group,
            "UserName": enrolment.user,
            "Secret": enrolment.secret,
        }
        _add_all(root, "GroupVPN", parts)
    return _file(root)


def write_dhcp_config(network: VirtualNetwork) -> bytes:
    """Write `dhcp.config`; its namespace must be that of `ipop.config`."""
    root = ET.Element("DHCPConfig")
    _add(root, "Namespace", network.namespace)
    _add(root, "IPBase", network.base)
    _add(root, "Netmask", network.netmask)
    _add(root, "LeaseTime", _LEASE)
    return _file(root)


def _add_all(root: ET.Element, name: str, parts: Mapping[str, object]) -> None:
    parent = ET.SubElement(root, name)
    for part, value in parts.items():
        _add(parent, part, value)


def _add(parent: ET.Element, name: str, value: object) -> None:
    ET.SubElement(parent, name).text = str(value).lower() if isinstance(value, bool) else str(value)


def _file(root: ET.Element) -> bytes:
    ET.indent(root)
    return _DECLARATION + ET.tostring(root) + b"\n"
