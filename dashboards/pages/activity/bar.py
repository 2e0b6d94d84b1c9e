"""How far an action is: a bar with a part for each way in which hosts stand, and the same in words."""

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
    """Of an action that tells nothing of hosts, such as a crawl, it is simply what is done of all."""
    known = counts if any(counts.values()) else {HostPhase.DONE: ticket.done}
    whole = max(ticket.total, sum(known.values()), 1)
    parts = [
        html.Span(className=f"part {CLASSES[phase]}", style={"width": f"{100 * count / whole:.2f}%"})
        for phase in _ORDER
        if (count := known.get(phase, 0))
    ]
    told = " · ".join(words(ticket, counts))
    return html.Div(
        [
            html.Div(parts, className="segments", role="img", **labelled(f"{ticket.action}: {told}")),
            html.Span(told, className="numbers"),
        ],
        className="far",
    )


def words(ticket: TicketRecord, counts: Counts) -> Iterator[str]:
    """`312 of 500`, then how the hosts stand, where that says more."""
    yield f"{ticket.done} of {ticket.total}" if ticket.total else _without_total(ticket)
    for phase in _ORDER[1:]:
        if count := counts.get(phase, 0):
            yield f"{count} {phase.value}"


def _without_total(ticket: TicketRecord) -> str:
    return "nothing to count" if ticket.state.ended else "starting"
