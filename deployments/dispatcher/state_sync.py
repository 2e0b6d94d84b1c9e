"""Reporting tickets to Prefect: the queue of waiting runs, and results not reported otherwise."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from sqlalchemy import Engine, select

from deployments.dispatcher.flow_processes import Processes
from p2ppool.actions import messages, rules
from p2ppool.actions.processes import is_gone
from p2ppool.errors import UserError
from p2ppool.prefect_client import accepted_runs
from p2ppool.prefect_client.client import PrefectApi
from p2ppool.prefect_client.default_schedules import MAKING
from p2ppool.prefect_client.schedule_sync import ScheduleKeeper
from p2ppool.prefect_client.states import RunState, as_run_state
from p2ppool.store.models import Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading

_LOG: Final = logging.getLogger("p2ppool.dispatcher")
_GRACE: Final = 15.0  # seconds that a process gets to report its result to Prefect itself


@dataclass
class StateSync:
    """Reports each thing once; after a restart it reports again.

    Prefect learns a ticket's result only after the schedules that follow from it exist: so they are created
    for certain, and only once, even if the server is unavailable at the end of the action.

    Attributes:
        pools_changed: a ticket that decides its pool's state has ended.
    """

    engine: Engine
    api: PrefectApi
    processes: Processes
    clock: Callable[[], float] = time.monotonic
    keeper: ScheduleKeeper | None = None
    pools_changed: bool = field(default=False, init=False)
    _reported: dict[str, str] = field(default_factory=dict, init=False)
    _ended: dict[int, float] = field(default_factory=dict, init=False)

    def forget(self, run: str) -> None:
        """Forget what was reported for a run that starts over."""
        self._reported.pop(run, None)

    def report_waiting(self, active: Sequence[Ticket]) -> None:
        """Report whom each run without a process waits for; `active` is grouped by pool, in queue order."""
        new: dict[str, RunState] = {}
        for _, queued in groupby(active, lambda ticket: ticket.pool_id):
            ahead: Ticket | None = None
            for ticket in queued:
                new |= self._waiting(ticket, messages.waits(ahead))
                ahead = ticket
        self.set_if_wanted(new)

    def set_if_wanted(self, states: Mapping[str, RunState]) -> None:
        """Set the states of runs, but leave those that somebody has cancelled or ended in the meantime."""
        for run, state in states.items():
            if self.api.set_state_unless_ended(run, state):
                self._reported[run] = state.message

    def report_ended(self) -> None:
        """Make sure that Prefect knows how each ticket ended."""
        with reading(self.engine) as work:
            unnotified = list(work.session.scalars(select(Ticket).where(Ticket.notified.is_(False))))
        ended = [ticket for ticket in unnotified if ticket.state.ended and ticket.flow_run]
        states = self.api.states([str(ticket.flow_run) for ticket in ended])
        for ticket in ended:
            if self._report_ended(ticket, states.get(str(ticket.flow_run))) and self._has_schedules(ticket):
                self._remember(ticket)

    def _waiting(self, ticket: Ticket, message: str) -> dict[str, RunState]:
        """Return the state to report for the ticket's run, unless it acts already or that was reported."""
        run = ticket.flow_run
        if run is None or ticket.state is not TicketState.WAITING or ticket.owner or run in self.processes:
            return {}
        if self._reported.get(run) == message:
            return {}
        return {run: as_run_state(TicketState.WAITING, message)}

    def _report_ended(self, ticket: Ticket, state: RunState | None) -> bool:
        """Tell whether Prefect knows the result; a living process gets time to report it itself."""
        run = str(ticket.flow_run)
        wanted = as_run_state(ticket.state, ticket.message)
        if state is None or (state.final and (state.type, state.name) == (wanted.type, wanted.name)):
            return True
        since = self._ended.setdefault(ticket.id, self.clock())
        busy = run in self.processes or (ticket.owner and not is_gone(ticket.owner))
        if (
            busy
            and not state.final
            and ticket.state is not TicketState.CRASHED
            and self.clock() - since < _GRACE
        ):
            return False
        self.api.set_state(run, wanted)  # also if somebody has set another end in Prefect
        return True

    def _has_schedules(self, ticket: Ticket) -> bool:
        """Tell whether the schedules that follow from the ticket exist; failures are retried."""
        if self.keeper and ticket.started_at and ticket.action in MAKING:
            try:
                self.keeper.make(ticket.pool_id)
            except UserError as error:
                _LOG.warning("the schedules after %s: %s", messages.name_of(ticket), error)
                return False
        return True

    def _remember(self, ticket: Ticket) -> None:
        with UnitOfWork(self.engine) as work:
            work.session.get_one(Ticket, ticket.id).notified = True
            accepted_runs.forget(work.session, str(ticket.flow_run))
            work.commit()
        self.pools_changed |= rules.changes_pool(ticket.action)
        self._ended.pop(ticket.id, None)
        self.forget(str(ticket.flow_run))
