"""The steps on the pool's own node on this machine."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.rollout import local_node
from p2ppool.settings import settings
from tasks.support.fences import above_fence
from tasks.support.pool import pool_of


@task(name="start the local node", cache_policy=NO_CACHE)
def start_local_node(held: HeldTurn) -> None:
    """Make sure that it runs.

    Raises:
        UserError: it can't be installed or started, with the cause.
    """
    pool = pool_of(held.turn)
    facts = above_fence(held, lambda: local_node.ensure_running(pool, settings(), held.fence, held.cancel))
    get_run_logger().info("local node: %s", dict(facts))


@task(name="stop the local node", cache_policy=NO_CACHE)
def stop_local_node(held: HeldTurn) -> None:
    """Stop it, and keep everything installed.

    Raises:
        UserError: it can't be ended.
    """
    pool = pool_of(held.turn)
    above_fence(held, lambda: local_node.stop(pool, settings(), held.fence))


@task(name="remove the local node", cache_policy=NO_CACHE)
def remove_local_node(held: HeldTurn) -> None:
    """Stop it and remove its folder; only the fence stays.

    Raises:
        UserError: it can't be ended.
    """
    pool = pool_of(held.turn)
    above_fence(held, lambda: local_node.remove(pool, settings(), held.fence))
