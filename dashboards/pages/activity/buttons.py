"""Buttons for an action: cancel it while it is active, retry it on hosts that still need it.

They are plain buttons with data; assets/activity.js asks for confirmation and puts the click into a store. So
they can be redrawn with every change without a request each.
"""

from typing import Any, Final

from dash import Dash, Input, Output, dcc, html

from dashboards.components.actions import start
from dashboards.components.actions.start import Message
from dashboards.pages.activity.ids import OVERVIEW, number_in
from dashboards.web import context
from dashboards.web.access import acts_on_pools, may_request, require_request
from dashboards.web.ids import ident
from dashboards.web.untyped import data, labelled
from p2ppool.actions.cancelling import cancel_ticket
from p2ppool.errors import UserError, one_line
from p2ppool.records.pools import get_pool
from p2ppool.reports.actions.action import action_and_pool, pool_of_ticket
from p2ppool.reports.actions.retries import Retry, what_to_retry
from p2ppool.reports.actions.tickets import TicketRecord
from p2ppool.store.models import PoolRole
from p2ppool.store.unit_of_work import reading

_REQUESTED: Final = ident(OVERVIEW, "asked")
_RESULT: Final = ident(OVERVIEW, "told")


def layout() -> html.Div:
    """Build the store for clicks, and the place for their result."""
    return html.Div([dcc.Store(id=_REQUESTED), html.P(id=_RESULT, role="status", className="told")])


def register(app: Dash) -> None:
    """Bind the clicks."""
    app.callback(Output(_RESULT, "children"), Input(_REQUESTED, "data"), prevent_initial_call=True)(_clicked)


def cancel_button(ticket: TicketRecord, pool: str) -> html.Button | None:
    """Build the cancel button; None if there is nothing to cancel, or the visitor may not."""
    if ticket.state.ended or ticket.cancel is not None or not may_request(ticket.action, pool):
        return None
    return _button("cancel", ticket, "Cancel", f"Cancel {ticket.action} (ticket {ticket.id})?")


def retry_button(ticket: TicketRecord, pool: str) -> html.Button | None:
    """Build the retry button; None if the visitor may not."""
    if not may_request(ticket.action, pool):
        return None
    sure = f"Do {ticket.action} again on the hosts that failed or were not started?"
    return _button("retry", ticket, "Retry failed", sure)


def _button(do: str, ticket: TicketRecord, label: str, sure: str) -> html.Button:
    return html.Button(
        label,
        id=ident(do, str(ticket.id)),
        type="button",
        className="do small",
        **data(do=do, ticket=str(ticket.id), sure=one_line(sure)),
        **labelled(f"{label}: {one_line(ticket.action, 32)} (ticket {ticket.id})"),
    )


@acts_on_pools(PoolRole.OPERATOR)
def _clicked(request: object) -> Message:
    """Do what was clicked; a browser can send anything."""
    found = request if isinstance(request, dict) else {}
    number, doing = number_in(found.get("ticket")), _DOING.get(str(found.get("do")))
    if number is None or doing is None:
        return start.refusal("There is no such button.")
    return start.message_of(lambda: doing(number))


def _cancel(number: int) -> Message:
    if named := action_and_pool(context.engine(), number):
        require_request(*named)
    ticket = cancel_ticket(context.engine(), number, start.requester())
    ends = f"{ticket.action} (ticket {number}) is being cancelled."
    return [ticket.message if ticket.state.ended else ends]


def _retry(number: int) -> Message:
    name, found = _retry_of(number)
    require_request(found.action, name)
    return start.start(f"Retry of ticket {number}", found.action, found.parameters)


def _retry_of(number: int) -> tuple[str, Retry]:
    name = pool_of_ticket(context.engine(), number)
    if name is None:
        raise UserError(f"there is no ticket {number}: it may have been deleted with its pool")
    with reading(context.engine()) as work:
        return name, what_to_retry(work.session, get_pool(work.session, name), number)


_DOING: Final[dict[str, Any]] = {"cancel": _cancel, "retry": _retry}
