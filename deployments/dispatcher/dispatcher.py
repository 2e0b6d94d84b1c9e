"""The dispatcher: receives requests from Prefect, and launches each one when its turn has come.

It replaces a Prefect runner for each run, so that a run that waits, merges or is refused needs no process.
Its decisions are in the database: a restarted dispatcher continues where it was, and a run whose process
requests its turn itself is served as well.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from deployments.dispatcher.flow_processes import Processes
from deployments.dispatcher.run_poller import due_runs
from deployments.dispatcher.state_sync import StateSync
from p2ppool.actions import processes, tickets, turns, waiting
from p2ppool.actions.catalogue import URGENT, Action
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.requests import pool_name, request_of
from p2ppool.errors import UserError, one_line
from p2ppool.exports.tables.names import EXPORT_FLOW
from p2ppool.pools.definition.deletion import delete_gone
from p2ppool.prefect_client.client import DueRun, PrefectApi
from p2ppool.prefect_client.schedule_sync import ScheduleKeeper
from p2ppool.prefect_client.states import RunState, as_run_state
from p2ppool.records.pools import find_pool, no_such_pool
from p2ppool.settings import settings
from p2ppool.store.models import ACTIVE, QUEUE_ORDER, Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading

_LOG: Final = logging.getLogger("p2ppool.dispatcher")
_TRIES: Final = 3  # processes per run that may end before they start to act
_GRACE: Final = 30.0  # seconds that a process gets to end after a cancel
_KEEPING: Final = 5.0  # seconds between two checks at the schedules
_WITHOUT_TICKET: Final = frozenset({Action.CREATE, EXPORT_FLOW})
_EXPORTS: Final = 2  # that run at the same time
_GIVEN_UP: Final = frozenset({"CANCELLING", "CANCELLED", "FAILED", "CRASHED", "COMPLETED"})
_STOPPED: Final = frozenset({-signal.SIGTERM, -signal.SIGINT})  # as exit codes


@dataclass
class Dispatcher:
    """Works in rounds; nothing of importance is only in its memory.

    Attributes:
        lease: how long an owner may be silent, in seconds.
        limit: how many processes may run at the same time; urgent actions and exports do not count.
        deployments: the actions of the served deployments, by their ids.
        keeper: of the pools' schedules; None: they are not kept.
    """

    engine: Engine
    api: PrefectApi
    processes: Processes
    lease: float
    limit: int
    deployments: dict[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    keeper: ScheduleKeeper | None = None
    _tries: dict[str, int] = field(default_factory=dict, init=False)
    _cancelled: dict[int, float] = field(default_factory=dict, init=False)
    _exports: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        """Start to watch active tickets."""
        self._watch = LeaseWatch(self.lease, self.clock)
        self._state_sync = StateSync(self.engine, self.api, self.processes, self.clock, self.keeper)
        self._kept = -_KEEPING

    def round(self) -> None:
        """Do every step once; what fails is retried in a later round."""
        for step in (
            self._reap,
            self._expire_lost,
            self._receive,
            self._handle_cancels,
            self._launch,
            self._sync_states,
            self._delete_pools,
            self._keep_schedules,
        ):
            try:
                step()
            except (UserError, DBAPIError) as error:
                _LOG.warning("%s: %s", step.__name__.strip("_"), one_line(error))

    def _receive(self) -> None:
        taken = {ticket.flow_run for ticket in self._active()} | set(self.processes)
        for run in due_runs(self.api, self.deployments, taken):
            self._receive_one(run)

    def _receive_one(self, run: DueRun) -> None:
        """Give the run a ticket; a creation requests its own, after validating its parameters.

        An export only reads: it needs neither ticket nor turn, and none waits for it.
        """
        if run.action not in _WITHOUT_TICKET:
            self._give_ticket(run)
        elif run.id not in self.processes and self._has_room(run.action):
            self.api.set_state(run.id, RunState("PENDING", "Starting", ""))
            self.processes.start(run.id, run.action)
            if run.action == EXPORT_FLOW:
                self._exports.add(run.id)

    def _has_room(self, action: str) -> bool:
        """Tell whether a process may start; exports have their own limit, so they delay no action."""
        exports = len(self._exports & set(self.processes))
        if action == EXPORT_FLOW:
            return exports < _EXPORTS
        return Action(action).rank in URGENT or len(self.processes) - exports < self.limit

    def _give_ticket(self, run: DueRun) -> None:
        name = pool_name(run.parameters)
        with UnitOfWork(self.engine) as work:
            pool = find_pool(work.session, name)
            if pool is not None:
                request = request_of(run.action, run.parameters, run.tags, run.id, run.due)
                tickets.admit(work.session, pool, request)
                work.commit()
                self._state_sync.forget(run.id)
                return
        self.api.set_state(run.id, as_run_state(TicketState.FAILED, no_such_pool(name)))

    def _handle_cancels(self) -> None:
        """Cancel tickets whose run was cancelled, ended or deleted in Prefect."""
        found = self._active()
        states = self.api.states([ticket.flow_run for ticket in found if ticket.flow_run])
        for ticket in found:
            state = states.get(ticket.flow_run or "")
            if ticket.flow_run and (state is None or state.type in _GIVEN_UP):
                why = "cancelled in Prefect" if state else "its run was deleted in Prefect"
                turns.cancel(self.engine, ticket.id, why)
            if ticket.cancel:
                self._kill_after_grace(ticket)
        self._terminate_without_ticket()

    def _terminate_without_ticket(self) -> None:
        """Terminate processes of cancelled runs without a ticket: creations before their pool is known."""
        with reading(self.engine) as work:
            runs = [run for run in self.processes if tickets.by_flow_run(work.session, run) is None]
        for run, state in self.api.states(runs).items() if runs else ():
            if state.type in _GIVEN_UP:
                self.processes.terminate(run)

    def _kill_after_grace(self, ticket: Ticket) -> None:
        """Kill the owner of a cancelled ticket that does not end in time."""
        since = self._cancelled.setdefault(ticket.id, self.clock())
        if ticket.owner and self.clock() - since > _GRACE:
            processes.kill(ticket.owner)

    def _expire_lost(self) -> None:
        with reading(self.engine) as work:
            owned = waiting.all_owned(work.session)
        for lost in self._watch.check(owned):
            if turns.expire(self.engine, lost):
                _LOG.warning("ticket %s: %s", lost.ticket_id, lost.why)

    def _launch(self) -> None:
        """Launch the process of each pool's next ticket, when its turn has come or is about to."""
        for _, queued in groupby(self._active(), lambda ticket: ticket.pool_id):
            running, first = _next(queued)
            if first is None or first.flow_run is None or first.owner or first.flow_run in self.processes:
                continue
            if self._has_room(first.action) and (running is None or running.cancel):
                self.processes.start(first.flow_run, Action(first.action).flow, first.id)

    def _reap(self) -> None:
        """Handle the runs whose process has ended."""
        for run, code in self.processes.ended().items():
            self._exports.discard(run)
            with reading(self.engine) as work:
                ticket = tickets.by_flow_run(work.session, run)
            if ticket is None:
                self._report_without_ticket(run, code)
            elif ticket.state is TicketState.WAITING:
                self._count(ticket, run, code)
            else:
                self._tries.pop(run, None)
                self._cancelled.pop(ticket.id, None)

    def _count(self, ticket: Ticket, run: str, code: int) -> None:
        """Restart a process that ended before its turn started, a few times."""
        self._tries[run] = self._tries.get(run, 0) + 1
        if code in _STOPPED:
            turns.cancel(self.engine, ticket.id, "cancelled: its process was asked to stop")
        elif self._tries[run] >= _TRIES:
            message = f"crashed: its process ended {_TRIES} times before it started (exit code {code})"
            turns.end(self.engine, ticket.id, TicketState.CRASHED, message)

    def _report_without_ticket(self, run: str, code: int) -> None:
        """Report the end of a run without a ticket, unless its process has already done so."""
        state = self.api.states([run]).get(run)
        if state is not None and not state.final:
            cancelled = state.type == "CANCELLING" or code in _STOPPED
            ended = TicketState.CANCELLED if cancelled else TicketState.CRASHED
            self.api.set_state(run, as_run_state(ended, f"its process ended with exit code {code}"))

    def _sync_states(self) -> None:
        self._state_sync.report_waiting(self._active())
        self._state_sync.report_ended()

    def _delete_pools(self) -> None:
        for name in delete_gone(self.engine, settings()):
            _LOG.info("pool %s deleted", name)

    def _keep_schedules(self) -> None:
        """Sync the schedules now and then, and soon after an action that may have changed a pool's state."""
        due = self.clock() - self._kept >= _KEEPING or self._state_sync.pools_changed
        if self.keeper and self.deployments and due:
            self._kept, self._state_sync.pools_changed = self.clock(), False
            self.keeper.keep()

    def _active(self) -> list[Ticket]:
        """List every active ticket, pool by pool in the order of the queue."""
        query = select(Ticket).where(Ticket.state.in_(ACTIVE)).order_by(Ticket.pool_id, *QUEUE_ORDER)
        with reading(self.engine) as work:
            return list(work.session.scalars(query))


def _next(queued: Iterable[Ticket]) -> tuple[Ticket | None, Ticket | None]:
    """Return the running ticket and the first waiting one."""
    running = first = None
    for ticket in queued:
        if ticket.state is TicketState.RUNNING:
            running = ticket
        elif first is None:
            first = ticket
    return running, first
