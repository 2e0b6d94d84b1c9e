"""What several parts of the pages say of one ticket."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from dash import html

from dashboards import context
from dashboards.parameters import parameters
from dashboards.untyped import labelled
from dashboards.verdict import Tone
from p2ppool.errors import one_line
from p2ppool.reports.tickets import TicketRecord
from p2ppool.store.models import TicketState

TONES: Final[Mapping[TicketState, Tone]] = MappingProxyType(
    {
        TicketState.WAITING: Tone.IDLE,
        TicketState.RUNNING: Tone.BUSY,
        TicketState.DONE: Tone.GOOD,
        TicketState.PARTIAL: Tone.WATCH,
        TicketState.FAILED: Tone.BAD,
        TicketState.CANCELLED: Tone.IDLE,
        TicketState.CRASHED: Tone.BAD,
        TicketState.MERGED: Tone.IDLE,
        TicketState.REFUSED: Tone.IDLE,
    }
)

_LONGEST: Final = 500  # characters of a message: the whole of what the actions write


def facts(ticket: TicketRecord) -> html.Ul:
    """Number, requester, what it has to do with other tickets, what was asked for, and its run."""
    told = [f"ticket {ticket.id}", f"by {said(ticket.requester)}", *_relations(ticket)]
    parts: list[Any] = [*told, *parameters(ticket.parameters), *_run(ticket)]
    return html.Ul([html.Li(part) for part in parts], className="ticket-facts")


def said(text: str) -> str:
    """Words of others, as one line that is not endless."""
    return one_line(text, _LONGEST)


def _relations(ticket: TicketRecord) -> Iterator[str]:
    for words, other in (
        ("retry of", ticket.retry_of),
        ("preempted by", ticket.preempted_by),
        ("merged into", ticket.merged_into),
    ):
        if other is not None:
            yield f"{words} ticket {other}"


def _run(ticket: TicketRecord) -> Iterator[html.A]:
    """A link to the Prefect run, where the ticket names one: only an id gets into an address."""
    try:
        run = UUID(ticket.flow_run or "")
    except ValueError:
        return
    yield html.A(
        "Prefect run",
        href=f"{context.settings().prefect_url}/runs/flow-run/{run}",
        target="_blank",
        rel="noopener noreferrer",
        **labelled(f"Prefect run of ticket {ticket.id}"),
    )
