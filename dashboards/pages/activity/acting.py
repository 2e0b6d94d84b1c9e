"""What can be done about an action: cancel it while it is active, retry it where it left hosts behind.

The buttons are plain ones with data; assets/activity.js asks whether one is sure and puts what was clicked
into a store. So they can be drawn anew with every change without a request each.
"""

from typing import Any, Final

from dash import Dash, Input, Output, dcc, html

from dashboards import context
from dashboards.access import Visitor, visitor
from dashboards.identifiers import ident
from dashboards.pages.activity.parts import OVERVIEW, number_in
from dashboards.untyped import labelled
from p2ppool.actions.cancelling import cancel_ticket
from p2ppool.actions.prefect_api import PrefectApi
from p2ppool.errors import UserError, one_line
from p2ppool.pools.register import find_pool
from p2ppool.reports.action import action_detail
from p2ppool.reports.retries import Retry, what_to_retry
from p2ppool.reports.tickets import TicketRecord
from p2ppool.store.unit_of_work import reading

_ASKED: Final = ident(OVERVIEW, "asked")
_TOLD: Final = ident(OVERVIEW, "told")
_PATIENCE: Final = 5.0  # seconds that a visitor waits for a busy Prefect server


def layout() -> html.Div:
    """The store for what was clicked, and the place for what became of it."""
    return html.Div([dcc.Store(id=_ASKED), html.P(id=_TOLD, role="status", className="told")])


def register(app: Dash) -> None:
    """Do what is clicked."""
    app.callback(Output(_TOLD, "children"), Input(_ASKED, "data"), prevent_initial_call=True)(_clicked)


def cancel_button(ticket: TicketRecord) -> html.Button | None:
    """None where there is nothing to cancel, or the visitor may not."""
    if ticket.state.ended or ticket.cancel is not None or not visitor().is_manager:
        return None
    return _button("cancel", ticket, "Cancel", f"Cancel {ticket.action} (ticket {ticket.id})?")


def retry_button(ticket: TicketRecord) -> html.Button | None:
    """None where the visitor may not."""
    if not visitor().is_manager:
        return None
    sure = f"Do {ticket.action} again on the hosts that failed or were not started?"
    return _button("retry", ticket, "Retry failed", sure)


def _button(do: str, ticket: TicketRecord, label: str, sure: str) -> html.Button:
    data: dict[str, Any] = {"data-do": do, "data-ticket": str(ticket.id), "data-sure": one_line(sure, 300)}
    named = labelled(f"{label}: {one_line(ticket.action, 32)} (ticket {ticket.id})")
    return html.Button(
        label, type="button", className="do small", id=ident(do, str(ticket.id)), **data, **named
    )


def _clicked(asked: object) -> Any:
    """A browser can send anything."""
    found = asked if isinstance(asked, dict) else {}
    number, doing = number_in(found.get("ticket")), _DOING.get(str(found.get("do")))
    if number is None or doing is None:
        return _bad("There is no such button.")
    who = visitor()
    if not who.is_manager:
        return _bad("Only managers may do that.")
    try:
        return doing(number, who)
    except UserError as error:
        return _bad(str(error))


def _cancel(number: int, who: Visitor) -> Any:
    ticket = cancel_ticket(context.engine(), number, _requester(who))
    return f"{ticket.action} (ticket {number}) is told to end." if not ticket.state.ended else ticket.message


def _retry(number: int, who: Visitor) -> Any:
    url, wanted = context.settings().prefect_url, _what(number)
    with PrefectApi(url, patience=_PATIENCE) as api:
        run = api.start(wanted.action, wanted.parameters, _requester(who))
    link = html.A("its run", href=f"{url}/runs/flow-run/{run}", target="_blank", rel="noopener noreferrer")
    return [f"{wanted.action}: asked for, see ", link, "."]


def _what(number: int) -> Retry:
    detail = action_detail(context.engine(), number)
    with reading(context.engine()) as work:
        pool = find_pool(work.session, detail.pool) if detail else None
        if pool is None:
            raise UserError(f"there is no ticket {number}: it may be gone with its pool")
        return what_to_retry(work.session, pool, number)


def _requester(who: Visitor) -> str:
    return "page" if who.id is None else f"page {who.name}"


def _bad(text: str) -> list[Any]:
    return [html.Span(text, className="bad")]


_DOING: Final = {"cancel": _cancel, "retry": _retry}
