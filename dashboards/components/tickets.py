"""Texts and links about one ticket, which several pages share."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from dash import dcc, html

from dashboards.components.health_badge import Tone
from dashboards.components.parameters import parameters
from dashboards.web.access import visitor
from dashboards.web.text import age, duration
from dashboards.web.untyped import labelled
from p2ppool.errors import one_line
from p2ppool.reports.actions.tickets import TicketRecord
from p2ppool.settings import PREFECT_UI_PATH
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
    """List number, requester, relations to other tickets, parameters and the Prefect run."""
    own = dcc.Link(f"ticket {ticket.id}", href=action_path(ticket.id))
    items = [own, f"by {brief(ticket.requester)}", *_relations(ticket)]
    parts: list[Any] = [*items, *parameters(ticket.parameters), *_run(ticket)]
    return html.Ul([html.Li(part) for part in parts], className="ticket-facts")


def action_path(ticket_id: int) -> str:
    """Return the path of the action's page."""
    return f"/activity/{ticket_id}"


def ended_item(ticket: TicketRecord, *beside: Any) -> html.Li:
    """Build a list item for an ended action; `beside` follows the action's name."""
    return html.Li(
        [
            html.Span(ticket.state.value, className=f"badge {TONES[ticket.state]}"),
            html.B(ticket.action),
            *(part for part in beside if part is not None),
            html.Span(brief(ticket.message), className="message"),
            html.Span(_when(ticket), className="quiet when"),
            facts(ticket),
        ]
    )


def _when(ticket: TicketRecord) -> list[Any]:
    """Return when it started and how long it took, or when it was requested if it never started."""
    if ticket.started_at is None:
        return ["requested ", age(ticket.requested_at)]
    took = ((ticket.ended_at or ticket.started_at) - ticket.started_at).total_seconds()
    return ["started ", age(ticket.started_at), f" · took {duration(took)}"]


def brief(text: str) -> str:
    """Return text from others as one line of limited length."""
    return one_line(text, _LONGEST)


def _relations(ticket: TicketRecord) -> Iterator[dcc.Link]:
    for label, other in (
        ("retry of", ticket.retry_of),
        ("preempted by", ticket.preempted_by),
        ("merged into", ticket.merged_into),
    ):
        if other is not None:
            yield dcc.Link(f"{label} ticket {other}", href=action_path(other))


def run_of(ticket: TicketRecord) -> str | None:
    """Return the id of its Prefect run, or None; only valid ids get into URLs."""
    try:
        return str(UUID(ticket.flow_run or ""))
    except ValueError:
        return None


def _run(ticket: TicketRecord) -> Iterator[html.A]:
    """Yield a link to the Prefect run, if the ticket has one and the visitor may look there."""
    run = run_of(ticket)
    if run and visitor().rights.sees_all:  # Prefect shows all pools
        yield html.A(
            "Prefect run",
            href=f"{PREFECT_UI_PATH}/runs/flow-run/{run}",
            target="_blank",
            rel="noopener noreferrer",
            **labelled(f"Prefect run of ticket {ticket.id}"),
        )
