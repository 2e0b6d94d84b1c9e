"""Verify a pool's installation on every host, and change nothing."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from tasks.hosts import verify_hosts
from tasks.local_node import start_local_node
from tasks.verify import find_in_overlay


@action(Action.VERIFY)
def verify(held: HeldTurn, pool: PoolName) -> Ending:
    """Verify every host: right pool, namespace and version, one process, its config accepted, its node found.

    The result of a failed host tells what failed, and the known cause if its node is missing: no mono, no
    ifconfig that Brunet can read, a port in use.
    """
    start_local_node(held)
    return ending_of_hosts(find_in_overlay(held, verify_hosts(held)), "verified")
