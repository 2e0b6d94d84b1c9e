"""The health of the overlay: the gate between two stages of an upgrade."""

import time
from dataclasses import dataclass

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.errors import UserError
from p2ppool.settings import settings
from tasks.crawl import crawl_and_keep
from tasks.support.pool import pool_of

_PAUSE = 2.0  # seconds between two checks


@dataclass(frozen=True)
class Health:
    """The number of answering nodes, and the pool's consistency; None if no neighbour was named."""

    answered: int
    consistency: float | None

    def reaches(self, other: "Health") -> bool:
        """Tell whether it is at least as good in both."""
        return self.answered >= other.answered and (self.consistency or 0.0) >= (other.consistency or 0.0)

    def __str__(self) -> str:
        """Format it for a sentence."""
        consistency = "unknown" if self.consistency is None else f"{self.consistency:.3f}"
        return f"{self.answered} nodes answer, consistency {consistency}"


@task(name="check the overlay", cache_policy=NO_CACHE)
def read_overlay_health(held: HeldTurn) -> Health:
    """Read the health now; a local node that does not answer sees no nodes.

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
    """Wait until the overlay is as healthy as `wanted`, or the time is up; return its health then.

    Raises:
        TurnLost: the turn is somebody else's now.
    """
    deadline = time.monotonic() + settings().overlay_patience
    while True:
        now = read_overlay_health.fn(held)
        if now.reaches(wanted) or held.cancel.cancelled or time.monotonic() > deadline:
            return now
        time.sleep(_PAUSE)
