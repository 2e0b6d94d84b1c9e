"""The local node: the pool's node on the manager's own machine, through which crawls go.

It is installed and started by the same agent as on any host, only without SSH; its folder is in the data
folder. It outlives the action that started it.
"""

from collections.abc import Mapping
from pathlib import Path

from p2ppool.errors import UserError
from p2ppool.fleet import agent
from p2ppool.fleet.local import LocalConnection
from p2ppool.fleet.outcome import HostFault
from p2ppool.pools.bundles import bundle_for_local_node
from p2ppool.pools.limits import fleet_limits
from p2ppool.settings import Settings
from p2ppool.store.models import Pool


def ensure_running(pool: Pool, config: Settings) -> Mapping[str, str]:
    """Install the local node where it isn't, start it where it doesn't run; what the agent reports.

    Raises:
        UserError: it can't be installed or started, with the cause.
    """
    bundle = bundle_for_local_node(pool, config)
    request = agent.InstallRequest(
        base=str(folder(pool, config)),
        pool=pool.token,
        digest=bundle.digest,
        bundle=bundle.data,
        runtime=bundle.runtime,
    )
    try:
        return agent.install(_connection(config), request)
    except HostFault as fault:
        raise UserError(f"the local node of pool {pool.name}: {fault}") from fault


def remove(pool: Pool, config: Settings) -> None:
    """Stop the local node and remove its folder; harmless where there is none.

    Raises:
        UserError: it can't be stopped.
    """
    try:
        agent.remove(
            _connection(config), agent.FolderRequest(base=str(folder(pool, config)), pool=pool.token)
        )
    except HostFault as fault:
        raise UserError(f"the local node of pool {pool.name}: {fault}") from fault


def folder(pool: Pool, config: Settings) -> Path:
    """Where the local node of the pool lives."""
    return config.data_folder / "local-nodes" / pool.name


def _connection(config: Settings) -> LocalConnection:
    return LocalConnection(config.local_node_address, fleet_limits(config))
