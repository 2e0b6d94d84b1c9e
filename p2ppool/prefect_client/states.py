"""The Prefect state of a run, by the state of its ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from p2ppool.store.models import TicketState


@dataclass(frozen=True)
class RunState:
    """A run's state in Prefect: the type decides what Prefect does, the name is for people."""

    type: str
    name: str
    message: str

    @property
    def final(self) -> bool:
        """Whether Prefect considers the run ended."""
        return self.type in FINAL

    @property
    def given_up(self) -> bool:
        """Whether somebody has cancelled or ended the run."""
        return self.final or self.type == "CANCELLING"


FINAL: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CRASHED"})

_TYPES: Final[Mapping[TicketState, tuple[str, str]]] = MappingProxyType(
    {
        # Prefect does not start pending runs, and does not mark them late.
        TicketState.WAITING: ("PENDING", "Waiting"),
        TicketState.RUNNING: ("RUNNING", "Running"),
        TicketState.DONE: ("COMPLETED", "Completed"),
        TicketState.PARTIAL: ("COMPLETED", "Partial"),  # a partial success is no failure
        TicketState.FAILED: ("FAILED", "Failed"),
        TicketState.CANCELLED: ("CANCELLED", "Cancelled"),
        TicketState.CRASHED: ("CRASHED", "Crashed"),
        TicketState.MERGED: ("COMPLETED", "Merged"),  # what was asked for is done, by another run
        TicketState.REFUSED: ("CANCELLED", "Refused"),  # nothing is broken, so it is no failure
    }
)


def as_ticket_state(name: str) -> TicketState:
    """Return the ticket's state that a run's final state of this name stands for; unknown names: crashed."""
    known = {name: state for state, (_, name) in _TYPES.items() if state.ended}
    return known.get(name, TicketState.CRASHED)


def as_run_state(state: TicketState, message: str) -> RunState:
    """Return the run's state for that ticket's state."""
    return RunState(*_TYPES[state], message)
