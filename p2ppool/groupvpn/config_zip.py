"""`config.zip`: everything that a member's machine needs, flat, as clients unpack it."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from p2ppool.groupvpn.ipop_config import Enrolment, write_dhcp_config, write_ipop_config
from p2ppool.groupvpn.network import VirtualNetwork
from p2ppool.software.bundle.node_config import (
    EdgeListener,
    NodeConfig,
    Protocol,
    Security,
    TransportAddress,
    XmlRpcManager,
)
from p2ppool.software.bundle.node_config_xml import write_node_config

_RPC_PORT: Final = 10000
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time in a zip


@dataclass(frozen=True, kw_only=True)
class MemberConfig:
    """The configuration for a member's machine.

    Attributes:
        namespace: the namespace of the overlay.
        addresses: transport addresses of its nodes.
        network: the group's virtual network.
        end_to_end: whether traffic between members is secured.
        enrolment: how the node gets its certificate; None if the group has no security.
        authority: the certificate of the group's authority.
        web_certificate: DER of the manager's HTTPS certificate, which clients compare byte for byte; None
            over http. Clients want one all the same, and then take any.
        secure_edges: whether nodes refuse links to nodes without certificates, such as a pool's.
    """

    namespace: str
    addresses: tuple[TransportAddress, ...]
    network: VirtualNetwork
    end_to_end: bool
    enrolment: Enrolment | None = None
    authority: bytes | None = None
    web_certificate: bytes | None = None
    secure_edges: bool = False


def config_files(member: MemberConfig) -> dict[str, bytes]:
    """Build every file by its name.

    Raises:
        UserError: the overlay's namespace is invalid.
    """
    open_node = NodeConfig(
        namespace=member.namespace,
        remote_tas=member.addresses,
        edge_listeners=(EdgeListener(Protocol.TCP, 0), EdgeListener(Protocol.UDP, 0)),
        xml_rpc=XmlRpcManager(enabled=True, port=_RPC_PORT),
    )
    node = (
        replace(open_node, security=Security(enabled=True, secure_edges=member.secure_edges))
        if member.enrolment
        else open_node
    )
    ipop = write_ipop_config(member.network, enrolment=member.enrolment, end_to_end=member.end_to_end)
    files = {
        "node.config": write_node_config(node),
        "ipop.config": ipop,
        "dhcp.config": write_dhcp_config(member.network),
        "bootstrap.config": write_node_config(open_node),
        "cacert": member.authority,
        "webcert": member.web_certificate or member.authority,
    }
    return {name: data for name, data in files.items() if data is not None}


def zipped(files: Mapping[str, bytes], moment: datetime | None = None) -> bytes:
    """Zip the files; the same files and the same moment always give the same bytes."""
    out = io.BytesIO()
    date = moment.astimezone(UTC).timetuple()[:6] if moment else _EPOCH
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()
