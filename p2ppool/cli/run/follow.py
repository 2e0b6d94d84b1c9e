"""Following an action: a progress bar from the ticket, the final state from Prefect."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine

from p2ppool.actions import messages, tickets, waiting
from p2ppool.prefect_client.client import PrefectApi, PrefectAwayError
from p2ppool.prefect_client.states import RunState, as_run_state
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.unit_of_work import reading

_POLL = 0.3  # seconds
_ENDINGS = {"Completed": "done"}
"""Our outcome for a run whose ticket was deleted with its pool."""


@dataclass(frozen=True)
class Followed:
    """The outcome of a run; without a ticket, it never asked for a turn.

    `merged_into` is the ticket that did the work instead; outcome and message are then of that one.
    """

    outcome: str
    message: str
    ticket_id: int | None
    merged_into: int | None = None

    @property
    def failed(self) -> bool:
        """Whether nothing was done; a partial success does not count as failed."""
        return self.outcome not in {"done", "partial"}


def follow(engine: Engine, api: PrefectApi, run: str, title: str, *, quiet: bool) -> Followed:
    """Wait for the end of `run`, with a progress bar on standard error unless `quiet`.

    A run that merged into another one is followed there.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bars:
        bar = bars.add_task(f"{title}: requested", total=None)
        while True:
            ticket = _ticket(engine, run)
            if ended := _ending(engine, api, run, ticket):
                return ended
            if shown := _followed(engine, ticket):
                description = escape(f"{title}: {_where(engine, shown)}")
                bars.update(bar, description=description, completed=shown.done, total=shown.total or None)
            time.sleep(_POLL)


def _ticket(engine: Engine, run: str) -> Ticket | None:
    with reading(engine) as work:
        return tickets.by_flow_run(work.session, run)


def _followed(engine: Engine, ticket: Ticket | None) -> Ticket | None:
    """Return the ticket that does the work: this one, or the one that it merged into."""
    while ticket is not None and ticket.merged_into is not None:
        with reading(engine) as work:
            ticket = work.session.get_one(Ticket, ticket.merged_into)
    return ticket


def _where(engine: Engine, ticket: Ticket) -> str:
    if ticket.state is not TicketState.WAITING:
        return ticket.cancel or "running"
    ahead = waiting.queue_before(engine, ticket)
    return messages.waits(ahead[-1] if ahead else None)


def _state(api: PrefectApi, run: str, ticket: Ticket | None) -> RunState:
    try:
        return api.state(run)
    except PrefectAwayError:
        if ticket is None:
            raise
        return as_run_state(ticket.state, ticket.message)


def _ending(engine: Engine, api: PrefectApi, run: str, ticket: Ticket | None) -> Followed | None:
    """Return the outcome, once the ticket and Prefect both have ended; None before.

    Where Prefect does not answer, the ticket alone counts.
    """
    state = _state(api, run, ticket)
    if not state.final:
        return None
    if ticket is None:
        return Followed(_ENDINGS.get(state.name, state.name.lower()), state.message, None)
    doing = _followed(engine, ticket)
    if doing is None or not doing.state.ended:
        return None
    merged = doing.id if doing.id != ticket.id else None
    return Followed(doing.state.value, doing.message, ticket.id, merged)
