"""The steps on the hosts of a pool: one verb of the agent each, under the fence of the turn."""

from collections.abc import Mapping, Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions import turns
from p2ppool.actions.holding import Holding
from p2ppool.fleet import agent
from p2ppool.fleet.agent import FolderRequest, InstallRequest
from p2ppool.fleet.connection import Connection
from p2ppool.fleet.outcome import HostOutcome
from p2ppool.fleet.visit import Job
from p2ppool.pools import results
from p2ppool.pools.bundles import bundle_for_hosts
from p2ppool.settings import settings
from p2ppool.store.engine import the_engine
from p2ppool.store.models import Host, Pool
from p2ppool.store.unit_of_work import UnitOfWork, patiently
from tasks.fan_out import on_hosts
from tasks.pool import pool_of


@task(name="install on the hosts", cache_policy=NO_CACHE)
def install_on_hosts(held: Holding) -> list[HostOutcome]:
    """Install, start and verify the pool's software; where exactly that runs already, nothing is touched.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    touch(held, pool.hosts)
    return on_hosts(held, pool, installing(held, pool))


@task(name="check the hosts", cache_policy=NO_CACHE)
def check_hosts(held: Holding) -> list[HostOutcome]:
    """See that exactly one process of the right software runs, and bring it about where not.

    The outcome's fact `mended` says what was wrong; a host without it was in order.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    request, install = _install_request(held, pool), installing(held, pool)
    touch(held, pool.hosts)

    def check(connection: Connection) -> Mapping[str, str]:
        found = agent.check(connection, folder_request(held, pool))
        if wrong := _what_is_wrong(found, request):
            return {**install(connection), "mended": wrong}
        return found

    return on_hosts(held, pool, check)


@task(name="stop the nodes on the hosts", cache_policy=NO_CACHE)
def stop_hosts(held: Holding) -> list[HostOutcome]:
    """End the nodes and keep all that is installed.

    Raises:
        UserError: the key can't be read any more.
    """
    pool = pool_of(held.turn)
    return on_hosts(held, pool, lambda connection: agent.stop(connection, folder_request(held, pool)))


@task(name="uninstall on the hosts", cache_policy=NO_CACHE)
def uninstall_hosts(held: Holding) -> list[HostOutcome]:
    """End the nodes and remove what was installed; only the fence stays, against an action that hangs.

    Raises:
        UserError: the key can't be read any more.
    """
    pool = pool_of(held.turn)

    def remove(connection: Connection) -> Mapping[str, str]:
        return {**agent.remove(connection, folder_request(held, pool)), "digest": ""}

    return on_hosts(held, pool, remove)


def installing(held: Holding, pool: Pool) -> Job:
    """The work that has this pool's version run on a host.

    Raises:
        UserError: the package can't be read any more.
    """
    request = _install_request(held, pool)
    package = f"{pool.package.name}@{pool.package.version}"
    return lambda connection: {**agent.install(connection, request), "package": package}


def touch(held: Holding, hosts: Sequence[Host]) -> None:
    """Remember, before they are contacted, that something of the pool may be on these hosts.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was written.
    """

    def note() -> None:
        with UnitOfWork(the_engine()) as work:
            turns.require(work.session, held.turn)
            results.touch(work.session, hosts)
            work.commit()

    patiently(note, settings().turn_lease)


def folder_request(held: Holding, pool: Pool) -> FolderRequest:
    """The pool's folder, in this turn."""
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
