"""The final state of a run in Prefect."""

from typing import Any

from prefect.client.schemas.objects import State, StateType

from p2ppool.prefect_client.states import as_run_state
from p2ppool.store.models import TicketState


def ended(state: TicketState, message: str) -> State[Any]:
    """Build the state that a flow returns, so that its run shows how its ticket ended."""
    found = as_run_state(state, message)
    return State(type=StateType(found.type), name=found.name, message=found.message)
