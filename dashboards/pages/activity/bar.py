"""The progress of an action: a bar with a segment for each phase of hosts, and the same as text."""

from collections.abc import Iterator, Mapping
from typing import Final

from dash import html

from dashboards.pages.activity.ids import CLASSES
from dashboards.web.untyped import labelled
from p2ppool.reports.actions.action import HostPhase
from p2ppool.reports.actions.tickets import TicketRecord

_ORDER: Final = (HostPhase.DONE, HostPhase.FAILED, HostPhase.CUT_OFF, HostPhase.WORKING)
Counts = Mapping[HostPhase, int]


def bar(ticket: TicketRecord, counts: Counts) -> html.Div:
    """Build the bar and its text.

    An action without records of hosts, such as a crawl, shows what is done out of the total.
    """
    known = counts if any(counts.values()) else {HostPhase.DONE: ticket.done}
    whole = max(ticket.total, sum(known.values()), 1)
    parts = [
        html.Span(className=f"part {CLASSES[phase]}", style={"width": f"{100 * count / whole:.2f}%"})
        for phase in _ORDER
        if (count := known.get(phase, 0))
    ]
    text = " · ".join(texts(ticket, counts))
    return html.Div(
        [
            html.Div(parts, className="segments", role="img", **labelled(f"{ticket.action}: {text}")),
            html.Span(text, className="numbers"),
        ],
        className="far",
    )


def texts(ticket: TicketRecord, counts: Counts) -> Iterator[str]:
    """Yield `312 of 500`, then the hosts by phase."""
    yield f"{ticket.done} of {ticket.total}" if ticket.total else _without_total(ticket)
    for phase in _ORDER[1:]:
        if count := counts.get(phase, 0):
            yield f"{count} {phase.value}"


def _without_total(ticket: TicketRecord) -> str:
    return "nothing to count" if ticket.state.ended else "starting"
