"""The ports that a pool's local node uses on the manager's machine."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from p2ppool.errors import UserError
from p2ppool.pools.definition.spec import PoolSpec
from p2ppool.store.models import Pool

Taken = Mapping[tuple[str, int], str]
"""The name of the pool that has a port, by protocol and number."""

RPC_ADDRESS = "127.0.0.1"
_FIRST_UDP_PORT = 15000
_FIRST_RPC_PORT = 10000
_LAST_PORT = 65535


@dataclass(frozen=True)
class Ports:
    """The ports of a pool; None means that the port is off."""

    udp: int | None
    tcp: int | None
    rpc: int

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Yield each port that is on, with its protocol."""
        for kind, port in (("UDP", self.udp), ("TCP", self.tcp), ("RPC", self.rpc)):
            if port is not None:
                yield kind, port


def of_pool(pool: Pool) -> Ports:
    """Return the ports of a registered pool."""
    return Ports(pool.udp_port, pool.tcp_port, pool.rpc_port)


def choose(spec: PoolSpec, taken: Taken, local_address: str) -> Ports:
    """Choose the ports of a new pool: those that the spec gives,
    and free ones for those that it needs but omits.

    Args:
        spec: the manager's spec.
        taken: the ports of other pools.
        local_address: the address on which the local node will listen.

    Raises:
        UserError: a given port belongs to another pool, or something else on this machine uses it.
    """
    udp, rpc = spec.udp_port, spec.rpc_port
    if udp is None and spec.tcp_port is None:
        udp = _first_free("UDP", local_address, _FIRST_UDP_PORT, taken)
    if rpc is None:
        rpc = _first_free("RPC", RPC_ADDRESS, _FIRST_RPC_PORT, taken)
    chosen = Ports(udp, spec.tcp_port, rpc)
    for kind, port in chosen:
        _refuse_taken(kind, port, taken, RPC_ADDRESS if kind == "RPC" else local_address)
    return chosen


def check_change(pool: Pool, wanted: Ports, taken: Taken, local_address: str) -> None:
    """Check that the pool can change its ports to these.

    Args:
        pool: with the ports that it has.
        wanted: its new ports.
        taken: the ports of other pools.
        local_address: the address on which the local node will listen.

    Raises:
        UserError: no port at all, one of another pool, or one that something else on this machine uses.
    """
    if wanted.udp is None and wanted.tcp is None:
        raise UserError(f"pool {pool.name} would have neither a UDP nor a TCP port: leave one of them on")
    own = set(of_pool(pool))
    for kind, port in wanted:
        if (kind, port) not in own:
            _refuse_taken(kind, port, taken, local_address)


def _refuse_taken(kind: str, port: int, taken: Taken, address: str) -> None:
    if (kind, port) in taken:
        raise UserError(f"{kind} port {port} is pool {taken[kind, port]}'s already: choose another")
    if not _is_free(kind, address, port):
        raise UserError(
            f"{kind} port {port} is in use on this machine ({address}), where the local node needs it: "
            "choose another"
        )


def _first_free(kind: str, address: str, first: int, taken: Taken) -> int:
    for port in range(first, _LAST_PORT + 1):
        if (kind, port) not in taken and _is_free(kind, address, port):
            return port
    raise UserError(f"no {kind} port from {first} on is free on this machine: give one")


def _is_free(kind: str, address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if kind == "UDP" else socket.SOCK_STREAM) as probe:
        if probe.type == socket.SOCK_STREAM:
            # A connection that ended a minute ago does not prevent a server from using its port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
