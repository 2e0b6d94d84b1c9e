"""Following an action: a progress bar from the ticket, the ending from Prefect."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine

from p2ppool.actions import messages, tickets, waiting
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.states import RunState
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.unit_of_work import reading

_POLL = 0.3  # seconds
_ENDINGS = {"Completed": "done"}
"""In our words, how a run ended whose ticket is gone with its pool."""


@dataclass(frozen=True)
class Followed:
    """How the run ended; without a ticket it never got so far as to ask.

    `merged_into` is the ticket that did what it asked for: then outcome and message are of that one.
    """

    outcome: str
    message: str
    ticket_id: int | None
    merged_into: int | None = None

    @property
    def failed(self) -> bool:
        """Whether nothing of what was asked is done; a partial success is none."""
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
        bar = bars.add_task(f"{title}: asked for", total=None)
        while True:
            ticket = _ticket(engine, run)
            if ended := _ending(engine, api, run, ticket):
                return ended
            if shown := _followed(engine, ticket):
                said = escape(f"{title}: {_where(engine, shown)}")
                bars.update(bar, description=said, completed=shown.done, total=shown.total or None)
            time.sleep(_POLL)


def _ticket(engine: Engine, run: str) -> Ticket | None:
    with reading(engine) as work:
        return tickets.by_flow_run(work.session, run)


def _followed(engine: Engine, ticket: Ticket | None) -> Ticket | None:
    """The ticket that does what was asked for: this one, or the one that it merged into."""
    while ticket is not None and ticket.merged_into is not None:
        with reading(engine) as work:
            ticket = work.session.get_one(Ticket, ticket.merged_into)
    return ticket


def _where(engine: Engine, ticket: Ticket) -> str:
    if ticket.state is not TicketState.WAITING:
        return ticket.cancel or "runs"
    ahead = waiting.queue_before(engine, ticket)
    return messages.waits(ahead[-1] if ahead else None)


def _ending(engine: Engine, api: PrefectApi, run: str, ticket: Ticket | None) -> Followed | None:
    """None: it goes on. What the ticket says counts, and that Prefect says the same is waited for."""
    state: RunState = api.state(run)
    if not state.final:
        return None
    if ticket is None:
        return Followed(_ENDINGS.get(state.name, state.name.lower()), state.message, None)
    doing = _followed(engine, ticket)
    if doing is None or not doing.state.ended:
        return None
    merged = doing.id if doing.id != ticket.id else None
    return Followed(doing.state.value, doing.message, ticket.id, merged)
