"""Resume a suspended pool."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from tasks.hosts import install_on_hosts
from tasks.local_node import start_local_node


@action(Action.RESUME)
def resume(held: HeldTurn, pool: PoolName, retry_of: int | None = None) -> Ending:
    """Start the same nodes again, with the addresses they had; lost software is installed again.

    Args:
        held: the turn.
        pool: name of the pool.
        retry_of: number of a ticket: only the hosts that failed or were never started then.
    """
    start_local_node(held)
    return ending_of_hosts(install_on_hosts(held), "resumed on")
