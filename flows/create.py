"""Create a pool: register it, start its local node, install on all its hosts."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolSpec
from tasks.hosts import install_on_hosts
from tasks.local_node import start_local_node
from tasks.turn import register_pool


@action(Action.CREATE, name="{spec.name}", ask=register_pool)
def create(held: HeldTurn, spec: PoolSpec) -> Ending:
    """Create the pool that `spec` describes and install its software on every host.

    A host that fails costs the others nothing: the run then ends as *Partial*, and each host has a line that
    says why. Creating the same pool again installs only where it is missing, and brings a stopped pool back.
    """
    start_local_node(held)
    return ending_of_hosts(install_on_hosts(held), "installed on")
