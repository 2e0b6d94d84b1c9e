"""The step that previews what an upgrade would change on each host, and changes nothing."""

from collections.abc import Mapping

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.rollout.bundles import install_request
from p2ppool.pools.rollout.host_preview import preview_host
from p2ppool.settings import settings
from tasks.rollout import Rollout, abort
from tasks.support.database import write_in_turn
from tasks.support.fan_out import on_hosts
from tasks.support.folder import folder_request


@task(name="preview the changes", cache_policy=NO_CACHE)
def plan_on_hosts(held: HeldTurn, rollout: Rollout) -> list[HostOutcome]:
    """Preview the upgrade; the fact `would` of each outcome tells what it would do there.

    Raises:
        UserError: the package or the key can't be read any more.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    folder = folder_request(held, rollout.old)
    request = install_request(rollout.new, held.fence, settings())
    leaving = {host.id for host in rollout.leaving}

    def plan(connection: Connection) -> Mapping[str, str]:
        if connection.target.key not in leaving:
            return preview_host(connection, request)
        found = verbs.check(connection, folder)
        return {"would": "uninstall" if found.get("folder") == "ours" else "nothing: it has nothing"}

    hosts = [*(host for stage in rollout.stages for host in stage), *rollout.leaving]
    try:
        return on_hosts(held, rollout.new, plan, hosts=hosts)
    finally:
        write_in_turn(held.turn, lambda work: abort(work.session, held.turn.pool_id))
