"""The events of a pool's tickets, recorded as they happen, for people and for programs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Engine, select

from p2ppool.actions import messages
from p2ppool.errors import UserError
from p2ppool.store.models import Pool, Ticket, TicketState
from p2ppool.store.types import now
from p2ppool.store.unit_of_work import reading

_INTERVAL: Final = 0.05  # seconds


@dataclass(frozen=True)
class Event:
    """A ticket entered a state, `t` seconds after the start, for that reason."""

    t: float
    ticket: int
    action: str
    state: str
    reason: str


class Timeline:
    """Records the tickets of one pool that are requested from now on."""

    def __init__(self, engine: Engine, pool: str, say: Callable[[str], None]) -> None:
        """Print each event as a line when it is seen."""
        self._engine = engine
        self._pool = pool
        self._say = say
        self._began = now()
        self._seen: dict[int, tuple[str, str]] = {}
        self.events: list[Event] = []

    def until(self, condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
        """Record events until the condition holds.

        Raises:
            UserError: it does not within `seconds`.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            self.update()
            if time.monotonic() > deadline:
                raise UserError(f"{what}: not within {seconds:.0f} s")
            time.sleep(_INTERVAL)
        self.update()

    def update(self) -> None:
        """Record what has changed."""
        tickets = self.tickets()
        for ticket in tickets:
            state, reason = _describe(ticket, tickets)
            if self._seen.get(ticket.id) != (state, reason):
                self._note(Event(self._since(ticket), ticket.id, ticket.action, state, reason))
                self._seen[ticket.id] = (state, reason)

    def tickets(self) -> list[Ticket]:
        """List the tickets requested since the start, in that order."""
        query = (
            select(Ticket)
            .join(Pool)
            .where(Pool.name == self._pool, Ticket.requested_at >= self._began)
            .order_by(Ticket.id)
        )
        with reading(self._engine) as work:
            return list(work.session.scalars(query))

    def of_run(self, run: str) -> Ticket | None:
        """Return the ticket of that run, if it has one yet."""
        return next((ticket for ticket in self.tickets() if ticket.flow_run == run), None)

    def overlaps(self) -> int:
        """Count the turns that started before the previous one had ended."""
        turns = sorted((t.started_at, t.ended_at) for t in self.tickets() if t.started_at and t.ended_at)
        return sum(later < ended for (_, ended), (later, _) in pairwise(turns))

    def as_json(self) -> list[dict[str, Any]]:
        """Return the events as rows."""
        return [asdict(event) for event in self.events]

    def _since(self, ticket: Ticket) -> float:
        """Return when that happened: the ticket's time, or else now."""
        known = ticket.ended_at or (None if ticket.cancel else ticket.started_at)
        first = None if ticket.id in self._seen else ticket.requested_at
        return round(((known or first or now()) - self._began).total_seconds(), 3)

    def _note(self, event: Event) -> None:
        self.events.append(event)
        reason = f"  {event.reason}" if event.reason else ""
        self._say(f"  {event.t:6.2f} s  ticket {event.ticket}  {event.action:8} {event.state:10}{reason}")


def _describe(ticket: Ticket, tickets: list[Ticket]) -> tuple[str, str]:
    if ticket.state is TicketState.WAITING:
        return ticket.state.value, messages.waits(next(_before(ticket, tickets), None))
    if ticket.state is TicketState.RUNNING and ticket.cancel:
        return "ending", ticket.cancel
    return ticket.state.value, ticket.message


def _before(ticket: Ticket, tickets: list[Ticket]) -> Iterator[Ticket]:
    """Yield the active tickets requested before it, the nearest first."""
    return (other for other in reversed(tickets) if other.id < ticket.id and not other.state.ended)
