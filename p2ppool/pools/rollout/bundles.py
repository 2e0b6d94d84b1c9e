"""The artifacts of a pool: one bundle for all its hosts, another for the local node, one runtime."""

from dataclasses import replace

from p2ppool.fleet.agent.runtime_archive import RuntimeArchive
from p2ppool.fleet.agent.verbs import Fence, InstallRequest
from p2ppool.pools.rollout.requirements import needs_ifconfig, ports_of_nodes
from p2ppool.settings import Settings
from p2ppool.software.archive.artifact_store import PackageStore, RuntimeStore
from p2ppool.software.bundle.bundle import Bundle, build_bundle
from p2ppool.software.bundle.node_config import (
    EdgeListener,
    NodeConfig,
    PoolNetwork,
    TransportAddress,
    host_config,
    local_config,
)
from p2ppool.software.package.adding import package_limits
from p2ppool.store.manager_id import manager_id
from p2ppool.store.models import Pool


def bundle_for_hosts(pool: Pool, config: Settings) -> Bundle:
    """Build the bundle that every host of the pool gets.

    Raises:
        UserError: the package is no longer in the artifact store, or is unusable.
    """
    return _build(pool, host_config(_network(pool), _remote_tas(pool)), pool.nodes_per_process, config)


def bundle_for_local_node(pool: Pool, config: Settings) -> Bundle:
    """Build the bundle of the one node on this machine, with XML-RPC.

    Raises:
        UserError: the package is no longer in the artifact store, or is unusable.
    """
    node_config = local_config(_network(pool), _remote_tas(pool), pool.rpc_port)
    if pool.hosts_here:
        # That host's node uses the pool's ports here. The local node may use any, as nobody looks for it.
        listeners = tuple(EdgeListener(listener.protocol, 0) for listener in node_config.edge_listeners)
        node_config = replace(node_config, edge_listeners=listeners)
    return _build(pool, node_config, 1, config)


def carried_runtime(pool: Pool, config: Settings) -> RuntimeArchive | None:
    """Load the runtime that the pool brings along to its hosts and the local node;
    None if they use their own.

    Raises:
        UserError: it is no longer in the artifact store.
    """
    if pool.runtime is None:
        return None
    data = RuntimeStore(config.data_folder).get(pool.runtime.digest).read_bytes()
    return RuntimeArchive(digest=pool.runtime.digest, data=data, machine=pool.runtime.machine)


def install_request(pool: Pool, fence: Fence, config: Settings) -> InstallRequest:
    """Build the request to run the pool's version on a host, in the turn with that fence.

    Raises:
        UserError: the package is no longer in the artifact store, or is unusable.
    """
    bundle = bundle_for_hosts(pool, config)
    return InstallRequest(
        base=pool.install_path,
        pool=pool.token,
        fence=fence,
        manager=manager_id(config.data_folder),
        digest=bundle.digest,
        bundle=bundle.data,
        runtime=bundle.runtime,
        carried=carried_runtime(pool, config),
        ports=ports_of_nodes(pool),
        needs_ifconfig=needs_ifconfig(pool),
        brings_ifconfig=bool(bundle.adapted),
    )


def _build(pool: Pool, node_config: NodeConfig, nodes: int, config: Settings) -> Bundle:
    package = PackageStore(config.data_folder).get(pool.package.digest)
    digest = pool.runtime.digest if pool.runtime else None
    return build_bundle(package, node_config, nodes, package_limits(config), digest, adapt=pool.adapt_package)


def _network(pool: Pool) -> PoolNetwork:
    return PoolNetwork(pool.namespace, pool.udp_port, pool.tcp_port)


def _remote_tas(pool: Pool) -> tuple[TransportAddress, ...]:
    return _network(pool).transport_addresses(host.address for host in pool.hosts)
