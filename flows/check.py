"""Check a pool: every host must run exactly one process of the right software."""

from collections.abc import Sequence

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.definition.spec import PoolName
from p2ppool.records.repairs import REPAIRED, count_repaired
from tasks.hosts import check_hosts
from tasks.local_node import start_local_node
from tasks.removed_hosts import uninstall_removed_hosts


@action(Action.CHECK)
def check(held: HeldTurn, pool: PoolName, retry_of: int | None = None) -> Ending:
    """Check every host, and install and start whatever is missing, outdated or not running.

    Args:
        held: the turn.
        pool: name of the pool.
        retry_of: number of a ticket: only the hosts that failed or were never started then.
    """
    start_local_node(held)
    uninstall_removed_hosts(held)
    return judge(check_hosts(held))


def judge(outcomes: Sequence[HostOutcome]) -> Ending:
    """Build the ending, with the number of repaired hosts."""
    repaired = sum(REPAIRED in outcome.facts for outcome in outcomes)
    ending = ending_of_hosts(outcomes, "in order on")
    return Ending(ending.state, f"{ending.message}{count_repaired(repaired)}") if repaired else ending
