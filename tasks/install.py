"""The step that brings the software to the hosts."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.fleet import agent
from p2ppool.fleet.login import Login
from p2ppool.fleet.outcome import HostOutcome
from p2ppool.keys.keyring import load_key
from p2ppool.pools.bundles import bundle_for_hosts
from p2ppool.pools.results import targets_of
from p2ppool.settings import settings
from p2ppool.store.engine import the_engine
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import reading
from p2ppool.store.vault import Vault
from tasks.fan_out import on_every_host
from tasks.pool import pool_of


@task(name="install on the hosts", cache_policy=NO_CACHE)
def install_on_hosts(ticket_id: int) -> list[HostOutcome]:
    """Install, start and verify the pool's software on every host; one outcome for each.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(ticket_id)
    bundle = bundle_for_hosts(pool, settings())
    request = agent.InstallRequest(
        base=pool.install_path,
        pool=pool.token,
        digest=bundle.digest,
        bundle=bundle.data,
        runtime=bundle.runtime,
    )
    return on_every_host(
        ticket_id, targets_of(pool), login_of(pool), lambda connection: agent.install(connection, request)
    )


def login_of(pool: Pool) -> Login:
    """The account on the pool's hosts, its key unsealed.

    Raises:
        UserError: the key can't be unsealed.
    """
    with reading(the_engine()) as work:
        key = load_key(work, Vault.open(settings().data_folder, settings().vault_key), pool.ssh_key.name)
    return Login(pool.ssh_user, key)
