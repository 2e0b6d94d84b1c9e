"""Suspend a pool: its nodes stop; its history and everything installed are kept."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from tasks.hosts import stop_hosts
from tasks.local_node import stop_local_node


@action(Action.SUSPEND)
def suspend(held: HeldTurn, pool: PoolName, retry_of: int | None = None) -> Ending:
    """Stop the pool's nodes on every host and here; *resume* starts the same ones again.

    Args:
        held: the turn.
        pool: name of the pool.
        retry_of: number of a ticket: only the hosts that failed or were never started then.
    """
    outcomes = stop_hosts(held)
    stop_local_node(held)
    return ending_of_hosts(outcomes, "suspended on")
