"""Whether the overlay is as whole as it was: the gate between two stages of an upgrade."""

import time
from dataclasses import dataclass

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.errors import UserError
from p2ppool.settings import settings
from tasks.crawl import crawl_and_keep
from tasks.support.pool import pool_of

_PAUSE = 2.0  # seconds between two looks


@dataclass(frozen=True)
class Health:
    """Nodes that answer, and the pool's consistency; None where no neighbour was named."""

    answered: int
    consistency: float | None

    def reaches(self, other: "Health") -> bool:
        """Whether it is at least as good in both."""
        return self.answered >= other.answered and (self.consistency or 0.0) >= (other.consistency or 0.0)

    def __str__(self) -> str:
        """For a sentence."""
        told = "unknown" if self.consistency is None else f"{self.consistency:.3f}"
        return f"{self.answered} nodes answer, consistency {told}"


@task(name="look at the overlay", cache_policy=NO_CACHE)
def look_at_overlay(held: HeldTurn) -> Health:
    """How it is now; a local node that does not answer sees nobody.

    Raises:
        TurnLost: the turn is somebody else's now.
    """
    try:
        found = crawl_and_keep(held, pool_of(held.turn), lambda _: None)
    except UserError as error:
        get_run_logger().warning("%s", error)
        return Health(0, None)
    return Health(found.answered, found.consistency)


@task(name="wait for the overlay", cache_policy=NO_CACHE)
def wait_for_overlay(held: HeldTurn, wanted: Health) -> Health:
    """Look until the overlay is as good as `wanted`, or patience ends; how it is then.

    Raises:
        TurnLost: the turn is somebody else's now.
    """
    deadline = time.monotonic() + settings().overlay_patience
    while True:
        now = look_at_overlay.fn(held)
        if now.reaches(wanted) or held.cancel.cancelled or time.monotonic() > deadline:
            return now
        time.sleep(_PAUSE)
