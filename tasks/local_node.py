"""The step that has the local node running."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.pools import local_node
from p2ppool.settings import settings
from tasks.pool import pool_of


@task(name="start the local node", cache_policy=NO_CACHE)
def start_local_node(ticket_id: int) -> None:
    """Have the pool's local node running on this machine.

    Raises:
        UserError: it can't be installed or started, with the cause.
    """
    facts = local_node.ensure_running(pool_of(ticket_id), settings())
    get_run_logger().info("local node: %s", dict(facts))
