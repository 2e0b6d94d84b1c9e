"""Finish a stop: the hosts that could not be reached, then the pool's data and secrets."""

from flows.base.action import action
from flows.base.ending import Ending, ending_of_hosts
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.pools.definition.spec import PoolName
from p2ppool.pools.recording.results import CLEARED
from p2ppool.store.models import TicketState
from tasks.purge import archive_pool, clear_hosts, clear_local_node, delete_pool

_NAMED = 5  # hosts that the message lists


@action(Action.UNINSTALL_CHECK)
def uninstall_check(
    held: HeldTurn,
    pool: PoolName,
    give_up: bool = False,  # noqa: FBT001, FBT002 - a box to tick in Prefect's form
    archive: bool = True,  # noqa: FBT001, FBT002
    keep_key: bool = False,  # noqa: FBT001, FBT002
) -> Ending:
    """Clear every host of a stopped pool; once nothing is left, archive and delete the pool.

    Args:
        held: the turn.
        pool: name of the pool.
        give_up: delete it even where hosts could not be cleared.
        archive: keep all that is known of the pool as CSV files in a zip.
        keep_key: keep the SSH key, though no other pool uses it.
    """
    outcomes = clear_hosts(held)
    clear_local_node(held)
    left = [outcome for outcome in outcomes if not outcome.ok or CLEARED not in outcome.facts]
    if held.cancel.cancelled or (left and not give_up):
        return judge_left(outcomes, left)
    kept = f"archived as {archive_pool(held).name}, " if archive else ""
    delete_pool(held)
    given_up = f"; given up: {_names(left)}" if left else ""
    return Ending(
        TicketState.DONE, f"nothing is left on {len(outcomes) - len(left)} hosts; {kept}deleted{given_up}"
    )


def judge_left(outcomes: list[HostOutcome], left: list[HostOutcome]) -> Ending:
    """Build the ending with the hosts that may still have something of the pool."""
    if all(outcome.ok for outcome in left):
        return Ending(
            TicketState.PARTIAL, "uninstalled; fences stay, because an older action hangs on this machine"
        )
    ending = ending_of_hosts(outcomes, "cleared")
    return Ending(ending.state, f"{ending.message}; left: {_names(left)}")


def _names(left: list[HostOutcome]) -> str:
    names = ", ".join(outcome.target.name for outcome in left[:_NAMED])
    return names if len(left) <= _NAMED else f"{names} and {len(left) - _NAMED} more"
