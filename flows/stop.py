"""Stop a pool: uninstall it everywhere."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from tasks.hosts import uninstall_hosts
from tasks.local_node import remove_local_node
from tasks.removed_hosts import uninstall_removed_hosts


@action(Action.STOP)
def stop(held: HeldTurn, pool: PoolName, retry_of: int | None = None) -> Ending:
    """Stop the pool's nodes and remove its software from every host and from here; its history is kept.

    Whatever else runs on the pool or waits for it is cancelled first.

    Args:
        held: the turn.
        pool: name of the pool.
        retry_of: number of a ticket: only the hosts that failed or were never started then.
    """
    uninstall_removed_hosts(held)
    outcomes = uninstall_hosts(held)
    remove_local_node(held)
    return ending_of_hosts(outcomes, "uninstalled on")
