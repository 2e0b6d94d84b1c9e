"""What the nodes of a pool need on a host: looked for before anything is changed there."""

from p2ppool.software.runtime.runtime import RUNTIMES, Runtime
from p2ppool.store.models import Pool

_IFCONFIG = "/sbin/ifconfig"


def ports_of_nodes(pool: Pool) -> tuple[tuple[str, int], ...]:
    """The ports of a host's node, as the agent's preflight takes them."""
    ports = (("udp", pool.udp_port), ("tcp", pool.tcp_port))
    return tuple((kind, port) for kind, port in ports if port is not None)


def needs_ifconfig(pool: Pool) -> bool:
    """Whether the package is Brunet's, also where its runtime is sent along."""
    return _IFCONFIG in RUNTIMES[Runtime(pool.package.runtime)].needed_files
