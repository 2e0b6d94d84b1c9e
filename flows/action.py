"""What every action has around it: a ticket that says how it ended, and a Prefect state that agrees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from p2ppool.actions import tickets
from p2ppool.actions.tickets import Request
from p2ppool.errors import UserError
from p2ppool.store.engine import the_engine
from p2ppool.store.models import TicketState

_REQUESTER = "requester:"


@dataclass(frozen=True)
class Ending:
    """How an action ended, in one line for a person."""

    state: TicketState
    message: str

    def as_prefect_state(self) -> State[Any]:
        """The state in which the Prefect run ends; a partial success is no failure."""
        if self.state is TicketState.FAILED:
            return Failed(message=self.message)
        name = "Partial" if self.state is TicketState.PARTIAL else "Completed"
        return Completed(name=name, message=self.message)


def request_of_this_run(action: str, parameters: dict[str, Any]) -> Request:
    """The request that this Prefect run stands for."""
    tags = [str(tag) for tag in flow_run.tags or []]
    requesters = [tag.removeprefix(_REQUESTER) for tag in tags if tag.startswith(_REQUESTER)]
    return Request(
        action=action,
        requester=requesters[0][:64] if requesters else "prefect",
        parameters=parameters,
        flow_run=str(flow_run.id) if flow_run.id else None,
    )


Body = TypeVar("Body", bound=Callable[..., Any])


def failing_in_one_line(body: Body) -> Body:
    """Let an error that a user can mend be the message of the failed run, without a traceback before it."""

    @wraps(body)
    def run(*arguments: Any, **named: Any) -> Any:
        try:
            return body(*arguments, **named)
        except UserError as error:
            return Failed(message=str(error))

    return cast("Body", run)


@contextmanager
def ending_the_ticket(ticket_id: int) -> Iterator[None]:
    """End the ticket as failed or cancelled where the body is left by an error."""
    try:
        yield
    except UserError as error:
        tickets.end(the_engine(), ticket_id, TicketState.FAILED, str(error))
        raise
    except (TerminationSignal, KeyboardInterrupt):
        tickets.end(
            the_engine(), ticket_id, TicketState.CANCELLED, "cancelled in Prefect, or its process was ended"
        )
        raise
    except BaseException as error:
        message = f"a defect of ours ({type(error).__name__}): see the log of the run"
        tickets.end(the_engine(), ticket_id, TicketState.FAILED, message)
        raise


def finish(ticket_id: int, ending: Ending) -> State[Any]:
    """End the ticket as `ending` says; the state for Prefect."""
    tickets.end(the_engine(), ticket_id, ending.state, ending.message)
    return ending.as_prefect_state()
