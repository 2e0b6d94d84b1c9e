"""The steps on the pool's own node on this machine."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.errors import UserError
from p2ppool.pools.rollout import local_node
from p2ppool.settings import settings
from p2ppool.store.models import Pool
from tasks.rollout import Rollout
from tasks.support.fences import above_fence
from tasks.support.pause import LATER, pause
from tasks.support.pool import pool_of


@task(name="start the local node", cache_policy=NO_CACHE)
def start_local_node(held: HeldTurn) -> None:
    """Make sure that it runs.

    Raises:
        UserError: it can't be installed or started, with the cause.
    """
    _run(held, pool_of(held.turn))


@task(name="try it as the local node", cache_policy=NO_CACHE)
def try_local_node(held: HeldTurn, rollout: Rollout) -> str:
    """Run an upgrade's version as the local node, and bring the pool's own back; no host is touched.

    Return why it can't run; empty if it can.

    Raises:
        UserError: the pool's own version does not come back.
    """
    try:
        _run(held, rollout.new)
    except UserError as error:
        return str(error)
    finally:
        _run(held, rollout.old)
    return ""


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


def _run(held: HeldTurn, pool: Pool) -> None:
    """Make sure that the pool's local node runs, and goes on running if it was only just started."""
    facts = above_fence(held, lambda: local_node.ensure_running(pool, settings(), held.fence, held.cancel))
    get_run_logger().info("local node: %s", dict(facts))
    if facts.get("changed") == "yes":
        pause(held, LATER)
        local_node.require_running(pool, settings(), held.cancel)
