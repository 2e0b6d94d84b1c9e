"""Starting an action in Prefect, and the message for the visitor."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from dash import html

from dashboards.components.actions.offers import has_button
from dashboards.web import context
from dashboards.web.access import PROVE, refuse_on, require, require_request, visitor
from p2ppool.actions.catalogue import Action
from p2ppool.errors import UserError
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.records.pools import get_pool
from p2ppool.reports.actions.retries import what_to_retry
from p2ppool.settings import PREFECT_UI_PATH
from p2ppool.store.models import PoolRole
from p2ppool.store.unit_of_work import reading

TIMEOUT: Final = 5.0  # seconds that a visitor waits for a busy Prefect server

Message = list[Any]
"""The result of a click, as components."""


def start_action(action: str, name: str) -> Message:
    """Start the action of that name on the pool."""
    if not has_button(action):  # a browser can send anything
        return refusal("There is no such button.")
    require(Action(action), name)
    if Action(action).row.typed and not visitor().is_recent:
        return prove_first(f"/pools/{name}")
    return message_of(lambda: start(Action(action).row.label, action, {"pool": name}))


def retry(name: str) -> Message:
    """Start the pool's latest action again, on the hosts that still need it."""
    if not visitor().rights.include(PoolRole.OPERATOR, name):  # who may retry nothing learns nothing
        refuse_on(name)
    return message_of(lambda: _retry(name))


def message_of(do: Callable[[], Message]) -> Message:
    """Run `do`, and return its message or the error."""
    try:
        return do()
    except UserError as error:
        return refusal(str(error))


def start(label: str, action: str, parameters: Mapping[str, Any]) -> Message:
    """Start a run of the action, and return a message with a link to it.

    Raises:
        UserError: no Prefect server answers, or it refuses.
    """
    run = run_of(action, parameters)
    where = link_to_run(run) if visitor().rights.sees_all else html.A("Activity", href="/activity")
    return [f"{label}: requested, see ", where, "."]


def run_of(action: str, parameters: Mapping[str, Any]) -> str:
    """Start a run in the visitor's name, and return its id.

    Raises:
        UserError: no Prefect server answers, or it refuses.
    """
    with PrefectApi.open(context.settings(), retry_for=TIMEOUT) as api:
        return api.start(action, parameters, requester())


def link_to_run(run: str) -> html.A:
    """Build the link to the run in Prefect."""
    address = f"{PREFECT_UI_PATH}/runs/flow-run/{run}"
    return html.A("its run", href=address, target="_blank", rel="noopener noreferrer")


def requester() -> str:
    """Return the requester, as tickets and the audit log record it."""
    found = visitor()
    return "page" if found.id is None else f"page {found.name}"


def refusal(text: str) -> Message:
    """Build an error message."""
    return [html.Span(text, className="bad")]


def prove_first(path: str) -> Message:
    """Return the message to somebody who has not proved lately who they are, for acts that are grave."""
    address = f"{PROVE}?{urlencode({'next': path})}"
    return [
        *refusal("Nothing was done yet. "),
        html.A("Confirm that it is you", href=address),
        ", then try again.",
    ]


def _retry(name: str) -> Message:
    with reading(context.engine()) as work:
        found = what_to_retry(work.session, get_pool(work.session, name), None)
    require_request(found.action, name)
    label = f"Retry of {found.action} (ticket {found.parameters['retry_of']})"
    return start(label, found.action, found.parameters)
