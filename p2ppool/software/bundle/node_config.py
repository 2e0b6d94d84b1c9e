"""The configuration of a node as in BRUNET's class NodeConfig, and the configs of a pool's nodes."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from p2ppool.errors import UserError, one_line
from p2ppool.node import address as overlay_address

_NAMESPACE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TRANSPORT_ADDRESS = re.compile(r"brunet\.(udp|tcp)://(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})/?")
_PATH = re.compile(r"[!-~]{1,255}")
_DEVICE = re.compile(r"[!-~]{1,15}")  # Linux's limit for the name of a network device
_LAST_PORT = 65535


class Protocol(StrEnum):
    """The transport of a link between two nodes, in the order of BRUNET's own configs."""

    UDP = "udp"
    TCP = "tcp"


@dataclass(frozen=True)
class TransportAddress:
    """An address where a node listens, written `brunet.udp://IP:PORT`;
    an IP address, as nodes resolve no names.

    Raises:
        UserError: not an IP address, or not a port from 1 to 65535.
    """

    protocol: Protocol
    ip: str
    port: int

    def __post_init__(self) -> None:
        _check_port(self.port, "transport address", first=1)
        try:
            address = ipaddress.ip_address(self.ip)
        except ValueError as error:
            raise UserError(f"transport address: '{one_line(self.ip, 60)}' is not an IP address") from error
        if "%" in self.ip:
            raise UserError(f"transport address: '{one_line(self.ip, 60)}' is valid on one machine only (%)")
        object.__setattr__(self, "ip", str(address))

    @classmethod
    def parse(cls, text: str) -> "TransportAddress":
        """Parse a transport address.

        Raises:
            UserError: the text is not a transport address.
        """
        match = _TRANSPORT_ADDRESS.fullmatch(text)
        if match is None:
            raise UserError(f"'{one_line(text, 80)}' is not a transport address (brunet.udp://IP:PORT)")
        protocol, bracketed, plain, port = match.groups()
        return cls(Protocol(protocol), bracketed or plain, int(port))

    def __str__(self) -> str:
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"brunet.{self.protocol}://{host}:{self.port}"


@dataclass(frozen=True)
class EdgeListener:
    """A port that the node listens on; 0 means any free port.

    Raises:
        UserError: not a port from 0 to 65535.
    """

    protocol: Protocol
    port: int

    def __post_init__(self) -> None:
        _check_port(self.port, f"{self.protocol} listener", first=0)


@dataclass(frozen=True)
class XmlRpcManager:
    """The node's XML-RPC server, through which crawls go.

    Raises:
        UserError: not a port from 1 to 65535.
    """

    enabled: bool
    port: int

    def __post_init__(self) -> None:
        _check_port(self.port, "XML-RPC", first=1)


@dataclass(frozen=True)
class NCService:
    """Network coordinates: whether to estimate them, choose shortcuts by them,
    and keep them across restarts.
    """

    enabled: bool
    optimize_shortcuts: bool
    checkpointing: bool


@dataclass(frozen=True)
class Security:
    """End-to-end security; both paths are relative to the node's folder."""

    enabled: bool = False
    secure_edges: bool = False
    test_enable: bool = False
    self_signed_certificates: bool = False
    key_path: str = "private_key"
    certificate_path: str = "certificates"

    def __post_init__(self) -> None:
        for path in (self.key_path, self.certificate_path):
            if not _PATH.fullmatch(path):
                raise UserError(
                    f"security: '{one_line(path, 80)}' must be a path of up to 255 characters without spaces"
                )


def check_namespace(text: str) -> None:
    """Check that the text can be an overlay's namespace.

    Raises:
        UserError: it can't.
    """
    if not _NAMESPACE.fullmatch(text):
        raise UserError(f"namespace: '{one_line(text, 80)}' is not 1 to 64 letters, digits, '_', '.' or '-'")


@dataclass(frozen=True)
class NodeConfig:
    """Everything that a node reads at its start; the fields are in the order of the file.

    Attributes:
        namespace: the overlay's realm; only nodes of one namespace link up.
        remote_tas: transport addresses of other nodes.
        edge_listeners: at least one.
        node_address: `brunet:node:…`; the node writes its own at its first start.
        devices_to_bind: network devices to use; empty for all.
        xml_rpc: None for the software's default, which is off.
        nc_service: None for the software's default, which is off.
        security: None for the software's default, which is off.

    Raises:
        UserError: no listener, or a value that a node can't use.
    """

    namespace: str
    remote_tas: tuple[TransportAddress, ...]
    edge_listeners: tuple[EdgeListener, ...]
    node_address: str | None = None
    devices_to_bind: tuple[str, ...] = ()
    xml_rpc: XmlRpcManager | None = None
    nc_service: NCService | None = None
    security: Security | None = None

    def __post_init__(self) -> None:
        check_namespace(self.namespace)
        if not self.edge_listeners:
            raise UserError("a node needs a port to listen on: give a UDP port, a TCP port or both")
        for device in self.devices_to_bind:
            if not _DEVICE.fullmatch(device):
                raise UserError(f"device to bind: '{one_line(device, 40)}' is not a network device's name")
        if self.node_address is not None:
            _check_address(self.node_address)


@dataclass(frozen=True)
class PoolNetwork:
    """The settings that all nodes of a pool have in common.

    Attributes:
        namespace: the overlay's realm.
        udp_port: the port on every host; None if off.
        tcp_port: the port on every host; None if off.

    Raises:
        UserError: an invalid namespace or port, or no port at all.
    """

    namespace: str
    udp_port: int | None
    tcp_port: int | None

    def __post_init__(self) -> None:
        for name, port in (("UDP port", self.udp_port), ("TCP port", self.tcp_port)):
            if port is not None:
                _check_port(port, name, first=1)
        host_config(self, ())

    @property
    def edge_listeners(self) -> tuple[EdgeListener, ...]:
        """The listeners, UDP first as in BRUNET's own configs."""
        ports = {Protocol.UDP: self.udp_port, Protocol.TCP: self.tcp_port}
        return tuple(EdgeListener(protocol, port) for protocol, port in ports.items() if port is not None)

    def transport_addresses(self, ips: Iterable[str]) -> tuple[TransportAddress, ...]:
        """Return the addresses where the nodes on these hosts listen.

        Raises:
            UserError: one is not an IP address.
        """
        return tuple(
            TransportAddress(listener.protocol, ip, listener.port)
            for ip in ips
            for listener in self.edge_listeners
        )


def host_config(network: PoolNetwork, remote_tas: Sequence[TransportAddress]) -> NodeConfig:
    """Build the config of every host: without XML-RPC, which listens on all interfaces without a password."""
    return NodeConfig(
        namespace=network.namespace,
        remote_tas=tuple(remote_tas),
        edge_listeners=network.edge_listeners,
        nc_service=NCService(enabled=True, optimize_shortcuts=True, checkpointing=True),
    )


def local_config(network: PoolNetwork, remote_tas: Sequence[TransportAddress], rpc_port: int) -> NodeConfig:
    """Build the config of the local node, through which crawls go: that of the hosts, with XML-RPC."""
    return replace(host_config(network, remote_tas), xml_rpc=XmlRpcManager(enabled=True, port=rpc_port))


def _check_port(port: int, what: str, *, first: int) -> None:
    if not first <= port <= _LAST_PORT:
        raise UserError(f"{what}: {one_line(port, 20)} is not a port from {first} to {_LAST_PORT}")


def _check_address(text: str) -> None:
    try:
        overlay_address.parse(text)
    except overlay_address.AddressError as error:
        raise UserError(f"node address: {one_line(error)}") from error
