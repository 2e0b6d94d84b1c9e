"""The steps on the hosts of a pool: one verb of the agent each, under the fence of the turn."""

from collections.abc import Mapping

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.holding import Holding
from p2ppool.fleet import agent
from p2ppool.fleet.agent import FolderRequest, InstallRequest
from p2ppool.fleet.connection import Connection
from p2ppool.fleet.outcome import HostOutcome
from p2ppool.pools.bundles import bundle_for_hosts
from p2ppool.settings import settings
from p2ppool.store.models import Pool
from tasks.fan_out import on_hosts
from tasks.pool import pool_of


@task(name="install on the hosts", cache_policy=NO_CACHE)
def install_on_hosts(held: Holding) -> list[HostOutcome]:
    """Install, start and verify the pool's software; where exactly that runs already, nothing is touched.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    request = _install_request(held, pool)
    return on_hosts(held, pool, lambda connection: agent.install(connection, request))


@task(name="check the hosts", cache_policy=NO_CACHE)
def check_hosts(held: Holding) -> list[HostOutcome]:
    """See that exactly one process of the right software runs, and bring it about where not.

    The outcome's fact `mended` says what was wrong; a host without it was in order.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    request = _install_request(held, pool)

    def check(connection: Connection) -> Mapping[str, str]:
        found = agent.check(connection, _folder_request(held, pool))
        if wrong := _what_is_wrong(found, request):
            return {**agent.install(connection, request), "mended": wrong}
        return found

    return on_hosts(held, pool, check)


@task(name="stop the nodes on the hosts", cache_policy=NO_CACHE)
def stop_hosts(held: Holding) -> list[HostOutcome]:
    """End the nodes and keep all that is installed.

    Raises:
        UserError: the key can't be read any more.
    """
    pool = pool_of(held.turn)
    return on_hosts(held, pool, lambda connection: agent.stop(connection, _folder_request(held, pool)))


@task(name="uninstall on the hosts", cache_policy=NO_CACHE)
def uninstall_hosts(held: Holding) -> list[HostOutcome]:
    """End the nodes and remove what was installed; only the fence stays, against an action that hangs.

    Raises:
        UserError: the key can't be read any more.
    """
    pool = pool_of(held.turn)

    def remove(connection: Connection) -> Mapping[str, str]:
        return {**agent.remove(connection, _folder_request(held, pool)), "digest": ""}

    return on_hosts(held, pool, remove)


def _folder_request(held: Holding, pool: Pool) -> FolderRequest:
    return FolderRequest(base=pool.install_path, pool=pool.token, fence=held.turn.fence)


def _install_request(held: Holding, pool: Pool) -> InstallRequest:
    bundle = bundle_for_hosts(pool, settings())
    return InstallRequest(
        base=pool.install_path,
        pool=pool.token,
        fence=held.turn.fence,
        digest=bundle.digest,
        bundle=bundle.data,
        runtime=bundle.runtime,
    )


def _what_is_wrong(found: Mapping[str, str], request: InstallRequest) -> str | None:
    """The first thing that is not as it should be on a host; None: nothing."""
    if found.get("folder") != "ours":
        return "nothing was installed"
    if found.get("pool") != request.pool:
        return "another pool's software was there"
    if found.get("digest") != request.digest:
        return "another version was installed"
    if found.get("running") != "yes":
        return f"{found.get('processes', 'no')} processes ran"
    return None
