"""Leases without a common clock: a ticket's owner raises its `heartbeat`, and those who wait watch it.

If a heartbeat stands still for the length of a lease, by the watcher's own monotonic clock and in checks that
followed each other closely, its owner is lost. So no clocks need to agree or to be right; the only assumption
is that a second is about as long on every machine. A gap between two checks (the database was unavailable,
this process was paused) proves nothing about the owner, so every watch starts over.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from p2ppool.actions.processes import is_gone
from p2ppool.store.models import Ticket

_GAP = 4  # checks per lease, at least


@dataclass(frozen=True)
class Lost:
    """A ticket without a living owner, as last seen."""

    ticket_id: int
    heartbeat: int
    why: str


class LeaseWatch:
    """Watches tickets in repeated checks, at least four per lease."""

    def __init__(self, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`lease` in seconds, also readable later; `clock` must be monotonic."""
        self.lease = lease
        self._clock = clock
        self._seen: dict[int, tuple[int, float]] = {}
        self._checked = clock()

    def check(self, tickets: Iterable[Ticket]) -> list[Lost]:
        """Return those of `tickets` whose owner is gone or silent, and forget all other tickets."""
        moment = self._clock()
        if moment - self._checked > self.lease / _GAP:
            self._seen = {}
        self._checked = moment
        shown = list(tickets)
        self._seen = {ticket.id: self._since(ticket, moment) for ticket in shown}
        return [lost for ticket in shown if (lost := self._check_ticket(ticket, moment))]

    def _since(self, ticket: Ticket, moment: float) -> tuple[int, float]:
        """Return the heartbeat and when it was first seen."""
        heartbeat, since = self._seen.get(ticket.id, (None, moment))
        return (ticket.heartbeat, since if heartbeat == ticket.heartbeat else moment)

    def _check_ticket(self, ticket: Ticket, moment: float) -> Lost | None:
        if ticket.owner is not None and is_gone(ticket.owner):
            return Lost(ticket.id, ticket.heartbeat, "its process is gone")
        silent = moment - self._seen[ticket.id][1]
        if silent < self.lease:
            return None
        return Lost(ticket.id, ticket.heartbeat, f"its process has been silent for {silent:.0f} s")
