"""The requirements of a pool's nodes, checked on a host before anything is changed there."""

from p2ppool.software.runtime.runtime import RUNTIMES, Runtime
from p2ppool.store.models import Pool

_IFCONFIG = "/sbin/ifconfig"


def ports_of_nodes(pool: Pool) -> tuple[tuple[str, int], ...]:
    """Return the ports of a host's node, in the form of the agent's preflight."""
    ports = (("udp", pool.udp_port), ("tcp", pool.tcp_port))
    return tuple((kind, port) for kind, port in ports if port is not None)


def needs_ifconfig(pool: Pool) -> bool:
    """Return whether the package is Brunet's, even if its runtime is sent along."""
    return _IFCONFIG in RUNTIMES[Runtime(pool.package.runtime)].needed_files
