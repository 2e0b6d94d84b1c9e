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
    """See on every host: right pool, namespace and version, one process, its config accepted, its node found.

    A host that fails says by what, and where it is known what keeps its node away: no mono, no ifconfig that
    Brunet can read, a port that something else has.
    """
    start_local_node(held)
    return ending_of_hosts(find_in_overlay(held, verify_hosts(held)), "verified")
