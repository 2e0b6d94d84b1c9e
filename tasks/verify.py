"""The step that finds the hosts' nodes in the overlay."""

from collections.abc import Sequence
from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.overlay.snapshot import NodeState
from p2ppool.pools.rollout.verification import missing, with_overlay
from tasks.crawl import crawl_overlay
from tasks.support.fan_out import describe, store
from tasks.support.pause import pause

_TRIES: Final = 3
_PAUSE: Final = 2.0  # seconds: a ring of dozens of nodes forms in some four


@task(name="find the nodes in the overlay", cache_policy=NO_CACHE)
def find_in_overlay(held: HeldTurn, outcomes: Sequence[HostOutcome]) -> list[HostOutcome]:
    """Add to the outcomes of healthy hosts whether a crawl finds their node.

    It tries a few times, because newly started nodes need a moment to join.

    Raises:
        UserError: the local node does not answer.
        TurnLost: the turn is somebody else's now; nothing was stored.
    """
    answered, cut_short = _crawl(held)
    for _ in range(_TRIES - 1):
        if held.cancel.cancelled or not any(missing(outcomes, answered)):
            break
        pause(held, _PAUSE)
        answered, cut_short = _crawl(held)
    found = [with_overlay(outcome, answered, cut_short) for outcome in outcomes]
    if not held.cancel.cancelled:  # an incomplete crawl proves nothing about a host
        store(held, found)
        describe(found)
    return found


def _crawl(held: HeldTurn) -> tuple[set[str], str]:
    """Return the addresses that answered, and why the crawl was cut short; empty: it was complete."""
    found = crawl_overlay(held).crawl
    return {node.address for node in found.nodes if node.state is NodeState.ANSWERED}, str(found.reason)
