"""Install a pool's software again, wherever it does not run as it should."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from tasks.hosts import install_on_hosts
from tasks.local_node import start_local_node


@action(Action.INSTALL)
def install(held: HeldTurn, pool: PoolName, retry_of: int | None = None) -> Ending:
    """Install and start the pool's software on its hosts; hosts that already run it are left alone.

    Args:
        held: the turn.
        pool: name of the pool.
        retry_of: number of a ticket: only the hosts that failed or were never started then.
    """
    start_local_node(held)
    return ending_of_hosts(install_on_hosts(held), "installed on")
