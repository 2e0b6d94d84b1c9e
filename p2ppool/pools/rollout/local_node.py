"""The local node: the pool's node on the manager's own machine, through which crawls go.

It is installed and started by the same agent as on any host, only without SSH; its folder is in the data
folder. It outlives the action that started it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.verbs import Fence
from p2ppool.fleet.host.ended import ended
from p2ppool.fleet.host.outcome import HostFault
from p2ppool.fleet.transport.local import LocalConnection
from p2ppool.pools.definition.limits import fleet_limits
from p2ppool.pools.rollout.bundles import bundle_for_local_node, carried_runtime
from p2ppool.pools.rollout.host_preview import preview_host
from p2ppool.pools.rollout.requirements import needs_ifconfig, ports_of_nodes
from p2ppool.settings import Settings
from p2ppool.store.manager_id import manager_id
from p2ppool.store.models import Pool


def ensure_running(pool: Pool, config: Settings, fence: Fence, cancel: CancelToken) -> Mapping[str, str]:
    """Install the local node if it isn't installed, start it if it isn't running; return the agent's facts.

    Args:
        pool: the pool of the node.
        config: the settings, with its folder and address.
        fence: of the turn; the agent refuses a lower one than the folder has seen.
        cancel: aborts it.

    Raises:
        UserError: it can't be installed or started, with the cause.
    """
    request = install_request(pool, config, fence)
    with _as_user_errors(pool):
        return verbs.install(_connection(config, cancel), request)


def require_running(pool: Pool, config: Settings, cancel: CancelToken) -> None:
    """Check that the local node has not ended since it was started.

    Raises:
        UserError: it has, with the cause.
    """
    with _as_user_errors(pool):
        found = verbs.check(_connection(config, cancel), _folder_request(pool, config, 0))
        if found.get("running") != "yes":
            raise ended(found)


def preview(request: verbs.InstallRequest, config: Settings, cancel: CancelToken) -> Mapping[str, str]:
    """Return what starting the local node would do, as of any host; nothing is changed.

    Raises:
        HostFault: it can't run here.
    """
    return preview_host(_connection(config, cancel), request)


def install_request(pool: Pool, config: Settings, fence: Fence) -> verbs.InstallRequest:
    """Build the request to run the pool's version as the local node.

    Raises:
        UserError: the package is no longer in the artifact store, or is unusable.
    """
    bundle = bundle_for_local_node(pool, config)
    return verbs.InstallRequest(
        base=str(folder(pool, config)),
        pool=pool.token,
        fence=fence,
        manager=manager_id(config.data_folder),
        digest=bundle.digest,
        bundle=bundle.data,
        runtime=bundle.runtime,
        carried=carried_runtime(pool, config),
        ports=() if pool.hosts_here else ports_of_nodes(pool),
        needs_ifconfig=needs_ifconfig(pool),
        brings_ifconfig=bool(bundle.adapted),
    )


def process_of(pool: Pool, config: Settings) -> tuple[int, str] | None:
    """Return pid and start time (ticks since boot) of the last node started;
    None if it was stopped or never started.
    """
    try:
        parts = (folder(pool, config) / "node/node.pid").read_text(errors="replace")[:64].split()
    except OSError:
        return None
    match parts:
        case [pid, since] if pid.isdecimal():
            return int(pid), since
    return None


def kept_fence(pool: Pool, config: Settings) -> int:
    """Return the fence that the local node's folder has seen; 0 if none."""
    try:
        seen = (folder(pool, config) / ".fence" / pool.token).readlink().name
    except OSError:
        return 0
    return verbs.reported_fence({"fence": seen}) or 0


def stop(pool: Pool, config: Settings, fence: Fence) -> None:
    """Stop the local node and keep what is installed; harmless if there is none.

    Raises:
        UserError: it can't be stopped.
    """
    with _as_user_errors(pool):
        verbs.stop(_connection(config), _folder_request(pool, config, fence))


def remove(pool: Pool, config: Settings, fence: Fence) -> None:
    """Stop the local node and delete all but the fence; harmless if there is none.

    Raises:
        UserError: it can't be stopped.
    """
    with _as_user_errors(pool):
        verbs.remove(_connection(config), _folder_request(pool, config, fence))


def forget(pool: Pool, config: Settings, fence: Fence) -> None:
    """Stop the local node and delete its folder including the fence.

    Raises:
        UserError: it can't be stopped.
    """
    with _as_user_errors(pool):
        verbs.forget(_connection(config), _folder_request(pool, config, fence))


def folder(pool: Pool, config: Settings) -> Path:
    """Return the folder of the pool's local node."""
    return config.data_folder / "local-nodes" / pool.name


@contextmanager
def _as_user_errors(pool: Pool) -> Iterator[None]:
    try:
        yield
    except HostFault as fault:
        raise UserError(f"the local node of pool {pool.name}: {fault}") from fault


def _folder_request(pool: Pool, config: Settings, fence: Fence) -> verbs.FolderRequest:
    return verbs.FolderRequest(
        base=str(folder(pool, config)), pool=pool.token, fence=fence, manager=manager_id(config.data_folder)
    )


def _connection(config: Settings, cancel: CancelToken | None = None) -> LocalConnection:
    return LocalConnection(config.local_node_address, fleet_limits(config), cancel or CancelToken())
