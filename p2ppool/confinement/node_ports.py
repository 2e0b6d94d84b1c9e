"""The TCP ports that a node needs, by the config that was installed with it."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TEMPLATE = Path("current/node.config")
"""Where the agent keeps it in a pool's folder; the node itself can't change this one."""


@dataclass(frozen=True)
class TcpPorts:
    """Ports on which a node listens, and to which it connects."""

    listened: frozenset[int] = frozenset()
    dialled: frozenset[int] = frozenset()


def tcp_ports(folder: Path) -> TcpPorts:
    """Read them in the pool's folder; none if nothing readable is there."""
    try:
        root = ET.parse(folder / TEMPLATE).getroot()  # noqa: S314 - we wrote it
    except (OSError, ET.ParseError):
        return TcpPorts()
    own = {_number(port.text) for port in root.iterfind("EdgeListeners/EdgeListener[@type='tcp']/port")}
    calls = {_number(port.text) for port in root.iterfind("XmlRpcManager/Port")}
    remote = {
        urlsplit(address.text or "").port or 0
        for address in root.iterfind("RemoteTAs/Transport")
        if (address.text or "").startswith("brunet.tcp:")
    }
    return TcpPorts(frozenset(own | calls), frozenset((own | remote) - {0}))


def _number(text: str | None) -> int:
    return int(text or 0)
