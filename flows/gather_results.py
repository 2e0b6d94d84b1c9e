"""Gather the test results of a pool's nodes."""

from flows.base.action import action
from flows.base.ending import Ending
from flows.base.gathering import gather
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.pools.definition.spec import PoolName
from p2ppool.pools.recording.pool_files import FileKind


@action(Action.GATHER_RESULTS)
def gather_results(held: HeldTurn, pool: PoolName, retry_of: int | None = None) -> Ending:
    """Gather every host's `*.db` files into one zip in the data folder.

    A manifest in it says what is missing and why.

    Args:
        held: the turn.
        pool: name of the pool.
        retry_of: number of a ticket: only the hosts that failed or were never started then.
    """
    return gather(held, FileKind.RESULTS)
