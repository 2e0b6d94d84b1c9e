"""The frame of every action: it requests its turn, acts only during it, and reports how it ended."""

import inspect
import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from prefect import Flow, flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.exceptions import Abort
from prefect.runtime import flow_run
from pydantic import BaseModel

from flows.base.ending import Ending, ending_of_cancelled
from flows.base.run_state import ended
from flows.base.signals import cancelled_by_signals
from p2ppool.actions import messages, turns, waiting
from p2ppool.actions.catalogue import Action
from p2ppool.actions.held_turn import HeldTurn
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.processes import this_process
from p2ppool.actions.requesters import UNSIGNED, Origin, Requesters
from p2ppool.actions.requests import Request, request_of
from p2ppool.actions.turns import TurnLost
from p2ppool.cancel import CancelToken
from p2ppool.errors import UserError
from p2ppool.prefect_client import accepted_runs
from p2ppool.settings import settings
from p2ppool.store.engine import get_engine
from p2ppool.store.models import AcceptedRun, Ticket, TicketState
from tasks.support import artifacts
from tasks.support.database import read, with_retry
from tasks.turn import request_turn

TICKET_VARIABLE = "P2PPOOL_TICKET"
"""Environment variable with which the dispatcher gives a process the number of its ticket."""

Body = TypeVar("Body", bound=Callable[..., Ending])
_SENDING = 3.0  # seconds that the last artifacts may take, after the turn
_NOT_BEGUN = Ending(TicketState.CANCELLED, "cancelled before it started")


def action(
    kind: Action, *, name: str = "{pool}", ask: Callable[..., int] = request_turn
) -> Callable[[Body], Flow[Any, Any]]:
    """Turn a body into a Prefect flow; the body takes the held turn and then the flow's parameters.

    Args:
        kind: the action, and the flow's name.
        name: the run's name after the action, with the flow's parameters.
        ask: creates the ticket from the request and the flow's parameters.
    """

    def decorate(body: Body) -> Flow[Any, Any]:
        @wraps(body)
        def run(*given: Any, **named: Any) -> State[Any]:
            bound = signature.bind(*given, **named)
            bound.apply_defaults()
            parameters = dict(bound.arguments)
            return _act(
                lambda: ask(_request(kind, parameters), **parameters), lambda held: body(held, **parameters)
            )

        signature = _without_turn(body)
        run.__signature__ = signature  # type: ignore[attr-defined] # what inspect.signature looks for
        run.__annotations__ = {
            key: value for key, value in body.__annotations__.items() if key in signature.parameters
        }
        return flow(name=kind.value, flow_run_name=f"{kind.value} {name}")(run)

    return decorate


def _without_turn(body: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(body)
    return signature.replace(
        parameters=list(signature.parameters.values())[1:], return_annotation=inspect.Signature.empty
    )


def _request(kind: Action, parameters: dict[str, Any]) -> Request:
    """Return the request of this Prefect run."""
    plain = {
        name: value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        for name, value in parameters.items()
    }
    if accepted := _accepted():
        return request_of(kind, plain, accepted.requester, accepted.flow_run, accepted.due_at)
    return request_of(kind, plain, _requester(kind), _run_id(), flow_run.scheduled_start_time)


def _accepted() -> AcceptedRun | None:
    """Return this run as the dispatcher has accepted it; None if something else started it."""
    run = _run_id()
    return read(lambda work: accepted_runs.find(work.session, run)) if run else None


def _requester(kind: Action) -> str:
    """Return who requested this run, with its parameters as Prefect has stored them."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None:
        return UNSIGNED
    by = run.created_by
    origin = Origin(
        tags=tuple(str(tag) for tag in run.tags),
        key=run.idempotency_key or "",
        automation=(by.display_value or "") if by and by.type == "AUTOMATION" else "",
        scheduled=bool(run.auto_scheduled),
    )
    return Requesters.open(settings()).requester_of(kind, run.parameters, origin)


def _run_id() -> str | None:
    return str(flow_run.id) if flow_run.id else None


def _act(ask: Callable[[], int], body: Callable[[HeldTurn], Ending]) -> State[Any]:
    """Run from the request to the final state of the run."""
    try:
        ticket = _assigned_ticket() or ask()
    except UserError as error:  # without a ticket, the message alone tells the user what to fix
        return ended(TicketState.FAILED, str(error))
    ticket_end = _in_turn(ticket, body)
    return ended(ticket_end.state, ticket_end.message)


def _assigned_ticket() -> int | None:
    """Return the ticket for which the dispatcher launched this process; None for other processes."""
    given = os.environ.get(TICKET_VARIABLE)
    return int(given) if given else None


def _in_turn(ticket_id: int, body: Callable[[HeldTurn], Ending]) -> Ticket:
    """Wait for the turn and act in it; return the ended ticket."""
    cancel, lease = CancelToken(), settings().turn_lease
    with cancelled_by_signals(cancel):
        try:
            with_retry(lambda: turns.claim(get_engine(), ticket_id, this_process()))
        except TurnLost as lost:  # the other process sets the run's state
            raise Abort(str(lost)) from lost
        found = waiting.wait(get_engine(), ticket_id, LeaseWatch(lease), cancel, _log_waiting)
        if isinstance(found, Ticket):
            return found
        with HeldTurn(get_engine(), found, lease, cancel) as held:
            ending = _ending(held, body)
            ended_ticket = with_retry(
                lambda: turns.end(get_engine(), ticket_id, ending.state, ending.message)
            )
    artifacts.flush(_SENDING)
    return ended_ticket


def _log_waiting(ticket: Ticket, ahead: Ticket | None) -> None:
    get_run_logger().info("%s: %s", messages.name_of(ticket), messages.waits(ahead))


def _ending(held: HeldTurn, body: Callable[[HeldTurn], Ending]) -> Ending:
    """Run the body, and return its ending, whatever happens."""
    try:
        ending = _NOT_BEGUN if held.cancel.cancelled else body(held)
    except UserError as error:
        ending = Ending(TicketState.FAILED, str(error))
    except TurnLost as lost:  # the ticket has already ended
        ending = Ending(TicketState.CANCELLED, str(lost))
    except Exception as error:  # noqa: BLE001 - whatever it is, the ticket must not stay open
        get_run_logger().exception("internal error")
        text = f"internal error ({type(error).__name__}): see the log of the run"
        ending = Ending(TicketState.FAILED, text)
    return ending_of_cancelled(held) if held.cancel.cancelled else ending
