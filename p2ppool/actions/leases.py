"""Leases without a common clock: a ticket's owner makes its `heartbeat` rise; who waits watches it rise.

A ticket whose beat stood still for the length of a lease, by the watcher's own monotonic clock and seen in
looks that followed each other closely, has lost its holder. So no clock needs to agree with another or to be
right; all that is assumed is that a second is about as long on every machine. A gap between two looks (the
database was away, this process was stopped) proves nothing about the holder, so every watch begins anew.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from p2ppool.actions.processes import is_gone
from p2ppool.store.models import Ticket

_GAP = 4  # so many looks make a lease, at least


@dataclass(frozen=True)
class Lost:
    """A ticket that nobody looks after, as it was seen last."""

    ticket_id: int
    heartbeat: int
    why: str


class LeaseWatch:
    """Watches the tickets that it is shown again and again, at least four times a lease."""

    def __init__(self, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`lease` in seconds, to be read later too; `clock` must never be set."""
        self.lease = lease
        self._clock = clock
        self._seen: dict[int, tuple[int, float]] = {}
        self._looked = clock()

    def look(self, tickets: Iterable[Ticket]) -> list[Lost]:
        """Those of `tickets` whose holder is gone or silent; all that were not shown are forgotten."""
        moment = self._clock()
        if moment - self._looked > self.lease / _GAP:
            self._seen = {}
        self._looked = moment
        shown = list(tickets)
        self._seen = {ticket.id: self._since(ticket, moment) for ticket in shown}
        return [lost for ticket in shown if (lost := self._judge(ticket, moment))]

    def _since(self, ticket: Ticket, moment: float) -> tuple[int, float]:
        """The beat and when it was first seen."""
        heartbeat, since = self._seen.get(ticket.id, (None, moment))
        return (ticket.heartbeat, since if heartbeat == ticket.heartbeat else moment)

    def _judge(self, ticket: Ticket, moment: float) -> Lost | None:
        if ticket.owner is not None and is_gone(ticket.owner):
            return Lost(ticket.id, ticket.heartbeat, "its process is gone")
        silent = moment - self._seen[ticket.id][1]
        if silent < self.lease:
            return None
        return Lost(ticket.id, ticket.heartbeat, f"nothing was heard of its process for {silent:.0f} s")
