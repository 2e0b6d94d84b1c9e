"""What several parts of the pages say of one ticket."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from dash import dcc, html

from dashboards.components.health_badge import Tone
from dashboards.components.parameters import parameters
from dashboards.web import context
from dashboards.web.text import age, duration
from dashboards.web.untyped import labelled
from p2ppool.errors import one_line
from p2ppool.reports.actions.tickets import TicketRecord
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
    own = dcc.Link(f"ticket {ticket.id}", href=action_path(ticket.id))
    told = [own, f"by {said(ticket.requester)}", *_relations(ticket)]
    parts: list[Any] = [*told, *parameters(ticket.parameters), *_run(ticket)]
    return html.Ul([html.Li(part) for part in parts], className="ticket-facts")


def action_path(ticket_id: int) -> str:
    """The path of the page of that action."""
    return f"/activity/{ticket_id}"


def ended_item(ticket: TicketRecord, *beside: Any) -> html.Li:
    """A line of a list of what has ended; `beside` stands after the action."""
    return html.Li(
        [
            html.Span(ticket.state.value, className=f"badge {TONES[ticket.state]}"),
            html.B(ticket.action),
            *(part for part in beside if part is not None),
            html.Span(said(ticket.message), className="message"),
            html.Span(_when(ticket), className="quiet when"),
            facts(ticket),
        ]
    )


def _when(ticket: TicketRecord) -> list[Any]:
    """When it started and how long it took; when it was asked for where it never started."""
    if ticket.started_at is None:
        return ["asked for ", age(ticket.requested_at)]
    took = ((ticket.ended_at or ticket.started_at) - ticket.started_at).total_seconds()
    return ["started ", age(ticket.started_at), f" · took {duration(took)}"]


def said(text: str) -> str:
    """Words of others, as one line that is not endless."""
    return one_line(text, _LONGEST)


def _relations(ticket: TicketRecord) -> Iterator[dcc.Link]:
    for words, other in (
        ("retry of", ticket.retry_of),
        ("preempted by", ticket.preempted_by),
        ("merged into", ticket.merged_into),
    ):
        if other is not None:
            yield dcc.Link(f"{words} ticket {other}", href=action_path(other))


def run_of(ticket: TicketRecord) -> str | None:
    """The id of its Prefect run; None where it names none: nothing but an id gets into an address."""
    try:
        return str(UUID(ticket.flow_run or ""))
    except ValueError:
        return None


def _run(ticket: TicketRecord) -> Iterator[html.A]:
    """A link to the Prefect run, where the ticket names one."""
    if run := run_of(ticket):
        yield html.A(
            "Prefect run",
            href=f"{context.settings().prefect_url}/runs/flow-run/{run}",
            target="_blank",
            rel="noopener noreferrer",
            **labelled(f"Prefect run of ticket {ticket.id}"),
        )
