"""Following an action: a progress bar from the ticket, the ending from Prefect."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine

from p2ppool.actions import tickets
from p2ppool.actions.prefect_api import PrefectApi, RunState
from p2ppool.store.models import Ticket
from p2ppool.store.unit_of_work import reading

_POLL = 0.3  # seconds


@dataclass(frozen=True)
class Followed:
    """How the run ended; without a ticket it never got so far as to act."""

    run: str
    outcome: str
    message: str
    ticket_id: int | None

    @property
    def failed(self) -> bool:
        """Whether nothing of what was asked is done; a partial success is none."""
        return self.outcome not in {"done", "partial"}


def follow(engine: Engine, api: PrefectApi, run: str, title: str, *, quiet: bool) -> Followed:
    """Wait for the end of `run`, with a progress bar on standard error unless `quiet`."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bars:
        bar = bars.add_task(f"{title}: waiting for a process", total=None)
        while True:
            state, ticket = api.state(run), _ticket(engine, run)
            if ticket is not None:
                bars.update(bar, description=title, completed=ticket.done, total=ticket.total or None)
            if state.final:
                return _ending(run, state, ticket)
            time.sleep(_POLL)


def _ticket(engine: Engine, run: str) -> Ticket | None:
    with reading(engine) as work:
        return tickets.by_flow_run(work.session, run)


def _ending(run: str, state: RunState, ticket: Ticket | None) -> Followed:
    if ticket is not None and ticket.state.ended:
        return Followed(run, ticket.state.value, ticket.message, ticket.id)
    return Followed(run, state.name.lower(), state.message, ticket.id if ticket else None)
