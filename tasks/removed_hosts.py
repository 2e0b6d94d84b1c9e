"""The step that uninstalls a pool's software from hosts that are no longer members."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.definition import versions
from p2ppool.store.models import Host, HostState, Pool
from tasks.support.database import read, write_in_turn
from tasks.support.fan_out import on_hosts
from tasks.support.folder import folder_request, uninstall_from
from tasks.support.pool import pool_of
from tasks.support.progress import Progress


@task(name="uninstall removed hosts", cache_policy=NO_CACHE)
def uninstall_removed_hosts(held: HeldTurn, progress: Progress | None = None) -> list[HostOutcome]:
    """Uninstall removed hosts; unreachable ones are retried by the next check.

    These include hosts that an upgrade was adding when it died. `progress` is that of a larger step.

    Raises:
        UserError: the key can't be read any more.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    pool = pool_of(held.turn)
    leaving = read(lambda work: _leaving(work.session, pool.id))
    if not leaving:
        return []
    uninstall = uninstall_from(folder_request(held, pool))
    outcomes = on_hosts(held, pool, uninstall, hosts=leaving, progress=progress)
    gone = {outcome.target.key for outcome in outcomes if outcome.ok}
    write_in_turn(held.turn, lambda work: _mark_gone(work.session, gone))
    get_run_logger().info("uninstalled %s of %s removed hosts", len(gone), len(leaving))
    return outcomes


def _leaving(session: Session, pool_id: int) -> list[Host]:
    pool = session.get_one(Pool, pool_id)
    return versions.hosts_in(session, pool, HostState.LEAVING, HostState.JOINING)


def _mark_gone(session: Session, gone: set[int]) -> None:
    for host_id in gone:
        session.get_one(Host, host_id).state = HostState.GONE
