"""The step that looks what an upgrade would change on each host, and changes nothing."""

from collections.abc import Mapping

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions import turns
from p2ppool.actions.holding import Holding
from p2ppool.fleet import agent
from p2ppool.fleet.connection import Connection
from p2ppool.fleet.outcome import ErrorKind, HostFault, HostOutcome
from p2ppool.pools import versions
from p2ppool.pools.bundles import bundle_for_hosts
from p2ppool.settings import settings
from p2ppool.store.engine import the_engine
from p2ppool.store.models import Pool
from p2ppool.store.unit_of_work import UnitOfWork, patiently
from tasks.fan_out import on_hosts
from tasks.hosts import folder_request
from tasks.rollout import Rollout

_SHORT = 12  # characters of a digest that a person compares


@task(name="look what would change", cache_policy=NO_CACHE)
def plan_on_hosts(held: Holding, rollout: Rollout) -> list[HostOutcome]:
    """The fact `would` of each outcome says what the upgrade would do there.

    Raises:
        UserError: the package or the key can't be read any more.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    digest, request = bundle_for_hosts(rollout.new, settings()).digest, folder_request(held, rollout.old)
    leaving = {host.id for host in rollout.leaving}

    def look(connection: Connection) -> Mapping[str, str]:
        found = agent.check(connection, request)
        if connection.target.key in leaving:
            return {"would": "uninstall" if found.get("folder") == "ours" else "nothing: it has nothing"}
        return {"would": would_do(found, request.pool, digest)}

    hosts = [*(host for stage in rollout.stages for host in stage), *rollout.leaving]
    try:
        return on_hosts(held, rollout.new, look, hosts=hosts)
    finally:
        patiently(lambda: _forget_newcomers(held), settings().turn_lease)


def would_do(found: Mapping[str, str], pool: str, digest: str) -> str:
    """What installing `digest` for `pool` does on a host that the agent has looked at.

    Raises:
        HostFault: it would be refused there.
    """
    if found.get("folder") == "other" or found.get("pool", pool) != pool:
        raise HostFault(ErrorKind.WRONG_POOL, f"it belongs to pool {found.get('pool', '')}")
    there = found.get("digest", "")
    if not there:
        return f"install {digest[:_SHORT]}"
    if there != digest:
        return f"replace {there[:_SHORT]} by {digest[:_SHORT]}"
    return f"nothing: it runs {digest[:_SHORT]}" if found.get("running") == "yes" else "start it"


def _forget_newcomers(held: Holding) -> None:
    with UnitOfWork(the_engine()) as work:
        turns.require(work.session, held.turn)
        versions.call_off(work.session, work.session.get_one(Pool, held.turn.pool_id))
        work.commit()
