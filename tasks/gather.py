"""The step that gathers files from the hosts."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.gather.gathering import GatherResult, gathering
from p2ppool.pools.recording.pool_files import FileKind
from p2ppool.settings import settings
from tasks.support.fan_out import on_hosts
from tasks.support.pool import pool_of


@task(name="gather from the hosts", cache_policy=NO_CACHE)
def gather_from_hosts(held: HeldTurn, kind: FileKind) -> GatherResult:
    """Gather the logs or results of every host into one zip; a host without any is in order.

    Raises:
        UserError: it was cancelled, the zip can't be written, or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    with gathering(pool, kind, held.turn.ticket_id, settings(), held.cancel) as current:
        gathered = current.finish(on_hosts(held, pool, current.take))
    get_run_logger().info("gathered: %s", gathered.path)
    return gathered
