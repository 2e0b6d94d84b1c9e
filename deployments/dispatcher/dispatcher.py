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
from functools import partial
from itertools import groupby
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from deployments.dispatcher.flow_processes import Exit, Processes
from deployments.dispatcher.run_poller import RunPoller
from deployments.dispatcher.state_sync import StateSync
from p2ppool.actions import processes, tickets, turns, waiting
from p2ppool.actions.catalogue import URGENT, Action
from p2ppool.actions.leases import LeaseWatch
from p2ppool.actions.processes import is_gone
from p2ppool.actions.requests import pool_name, request_of
from p2ppool.errors import UserError, one_line
from p2ppool.exports.tables.names import EXPORT_FLOW
from p2ppool.pools.definition.deletion import delete_gone
from p2ppool.prefect_client import accepted_runs
from p2ppool.prefect_client.client import DueRun, PrefectApi
from p2ppool.prefect_client.schedule_sync import ScheduleKeeper
from p2ppool.prefect_client.states import RunState, as_run_state
from p2ppool.records.pools import find_pool, no_such_pool
from p2ppool.settings import settings
from p2ppool.store.models import ACTIVE, QUEUE_ORDER, AcceptedRun, Ticket, TicketState
from p2ppool.store.unit_of_work import UnitOfWork, reading

_LOG: Final = logging.getLogger("p2ppool.dispatcher")
_TRIES: Final = 9  # processes per run that may end before they start to act: four minutes with the pauses
_LONGEST_PAUSE: Final = 60.0  # seconds between two of them
_GRACE: Final = 30.0  # seconds that a process gets to end after a cancel
_KEEPING: Final = 5.0  # seconds between two checks at the schedules
_REFRESHING: Final = 4.0  # seconds between two checks at the deployments
_WITHOUT_TICKET: Final = frozenset({Action.CREATE, EXPORT_FLOW})
_EXPORTS: Final = 2  # that run at the same time
_STOPPED: Final = frozenset({-signal.SIGTERM, -signal.SIGINT})  # as exit codes


@dataclass
class _Failures:
    """The processes of a run that ended before they started to act."""

    count: int = 0
    last: float = 0.0
    cause: str = ""

    def note(self, moment: float, cause: str) -> None:
        """Count one more."""
        self.count, self.last, self.cause = self.count + 1, moment, cause

    def may(self, moment: float) -> bool:
        """Tell whether another process may be tried: after pauses that double."""
        return not self.count or moment - self.last >= min(_LONGEST_PAUSE, 2.0**self.count)

    @property
    def message(self) -> str:
        """What to tell people once no further process is tried."""
        return f"crashed: its process ended {self.count} times before it started, last by: {self.cause}"


@dataclass
class Dispatcher:
    """Works in rounds; nothing of importance is only in its memory.

    Turns, requests and reports have rounds of their own, in threads of their own: no turn waits for Prefect,
    which may be away, busy or hang, and no request for a report. They meet in the database.

    Attributes:
        lease: how long an owner may be silent, in seconds.
        limit: how many processes may run at the same time; urgent actions and exports do not count.
        deployments: the actions of the served deployments, by their ids.
        keeper: of the pools' schedules; None: they are not kept.
        registered: finds the deployments, and makes lost ones again; None: they stay as given.
    """

    engine: Engine
    api: PrefectApi
    processes: Processes
    lease: float
    limit: int
    deployments: dict[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    keeper: ScheduleKeeper | None = None
    registered: Callable[[], dict[str, str]] | None = None
    _failures: dict[str, _Failures] = field(default_factory=dict, init=False)
    _cancelled: dict[int, float] = field(default_factory=dict, init=False)
    _exports: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        """Start to watch active tickets."""
        self._watch = LeaseWatch(self.lease, self.clock)
        self._state_sync = StateSync(self.engine, self.api, self.processes, self.clock, self.keeper)
        self._poller = RunPoller(self.api)
        self._kept, self._refreshed = -_KEEPING, -_REFRESHING

    def round(self) -> None:
        """Do every step once; what fails is retried in a later round."""
        _do(self._reap, self._expire_lost, self._receive, self._handle_cancels, self._kill_late)
        _do(self._launch, self._sync_states, self._delete_pools, self._keep_schedules)

    def round_of_turns(self) -> None:
        """Do every step that needs no Prefect server: turns begin, end and expire on time without it."""
        _do(self._reap, self._expire_lost, self._kill_late, self._launch)

    def round_of_requests(self) -> None:
        """Do every step that asks Prefect what is wanted, for as long as it lets us wait."""
        _do(self._receive, self._handle_cancels)

    def round_of_reports(self) -> None:
        """Do every step that brings Prefect up to date; new requests do not wait for it."""
        _do(self._refresh_deployments, self._sync_states, self._delete_pools, self._keep_schedules)

    def round_with_prefect(self) -> None:
        """Do every step that talks to the Prefect server."""
        self.round_of_requests()
        self.round_of_reports()

    def _refresh_deployments(self) -> None:
        """Look now and then whether the deployments are all there."""
        if self.registered and self.clock() - self._refreshed >= _REFRESHING:
            self._refreshed = self.clock()
            self.deployments = self.registered()

    def _receive(self) -> None:
        with reading(self.engine) as work:
            accepted = {run.flow_run for run in accepted_runs.without_ticket(work.session)}
        taken = {ticket.flow_run for ticket in self._active()} | set(self.processes) | accepted
        for run in self._poller.due(self.deployments, taken):
            self._receive_one(run)

    def _receive_one(self, run: DueRun) -> None:
        """Give the run a ticket; a creation requests its own, after validating its parameters.

        An export only reads: it needs neither ticket nor turn, and none waits for it.
        """
        if run.action not in _WITHOUT_TICKET:
            self._give_ticket(run)
            return
        with UnitOfWork(self.engine) as work:
            accepted_runs.accept(work.session, run)
            work.commit()
        self._state_sync.set_if_wanted({run.id: RunState("PENDING", "Starting", "")})

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
                request = request_of(run.action, run.parameters, run.requester, run.id, run.due)
                accepted_runs.accept(work.session, run)
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
            if ticket.flow_run and (state is None or state.given_up):
                why = "cancelled in Prefect" if state else "its run was deleted in Prefect"
                turns.cancel(self.engine, ticket.id, why)
        self._handle_without_ticket()

    def _handle_without_ticket(self) -> None:
        """Look after accepted runs without a ticket: creations before their pool is known, and exports."""
        with reading(self.engine) as work:
            accepted = accepted_runs.without_ticket(work.session)
        states = self.api.states([run.flow_run for run in accepted]) if accepted else {}
        for run in accepted:
            state = states.get(run.flow_run)
            if run.ended_as is not None:
                self._report_without_ticket(run, state)
            elif state is None or state.given_up:
                self._give_up(run)

    def _give_up(self, run: AcceptedRun) -> None:
        """Terminate the process of a run that was cancelled or deleted in Prefect, if there is one."""
        if run.flow_run in self.processes:
            self.processes.terminate(run.flow_run)
        elif run.process is None or is_gone(run.process):
            accepted_runs.end(
                self.engine, run.flow_run, TicketState.CANCELLED, "cancelled in Prefect, before it started"
            )

    def _kill_late(self) -> None:
        """Kill processes that were asked to stop and take too long."""
        for ticket in self._active():
            if ticket.cancel:
                self._kill_after_grace(ticket)

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
            if (running is None or running.cancel) and self._may_start(first.flow_run, first.action):
                self.processes.start(first.flow_run, Action(first.action).flow, first.id)
        self._launch_without_ticket()

    def _launch_without_ticket(self) -> None:
        """Launch accepted runs without a ticket that no living process acts for."""
        with reading(self.engine) as work:
            accepted = accepted_runs.without_ticket(work.session)
        for run in accepted:
            idle = run.flow_run not in self.processes and (run.process is None or is_gone(run.process))
            if run.ended_as is None and idle and self._may_start(run.flow_run, run.action):
                self.processes.start(run.flow_run, run.action)
                if run.action == EXPORT_FLOW:
                    self._exports.add(run.flow_run)

    def _may_start(self, run: str, action: str) -> bool:
        """Tell whether there is room, and whether earlier processes of the run failed long enough ago."""
        failures = self._failures.get(run)
        return self._has_room(action) and (failures is None or failures.may(self.clock()))

    def _reap(self) -> None:
        """Handle the runs whose process has ended."""
        for run, exited in self.processes.ended().items():
            self._exports.discard(run)
            with reading(self.engine) as work:
                ticket = tickets.by_flow_run(work.session, run)
                accepted = accepted_runs.find(work.session, run)
            if ticket is not None and ticket.state is TicketState.WAITING:
                self._count(run, exited, partial(turns.end, self.engine, ticket.id))
            elif accepted is not None and accepted.ended_as is None and ticket is None:
                self._count(run, exited, partial(accepted_runs.end, self.engine, run))
            else:
                self._failures.pop(run, None)
                if ticket is not None:
                    self._cancelled.pop(ticket.id, None)

    def _count(self, run: str, exited: Exit, end: Callable[[TicketState, str], object]) -> None:
        """Let a process that ended before it started to act be tried again, for some minutes."""
        failures = self._failures.setdefault(run, _Failures())
        failures.note(self.clock(), exited.cause or f"exit code {exited.code}")
        if exited.code in _STOPPED:
            end(TicketState.CANCELLED, "cancelled: its process was asked to stop")
        elif failures.count >= _TRIES:
            end(TicketState.CRASHED, failures.message)
        else:
            _LOG.warning("run %s: %s; it is tried again", run, failures.cause)
            return
        self._failures.pop(run, None)

    def _report_without_ticket(self, run: AcceptedRun, state: RunState | None) -> None:
        """Report the end of a run without a ticket, unless its process has already done so."""
        if state is not None and not state.final:
            ended = TicketState(run.ended_as or TicketState.CRASHED)
            self.api.set_state(run.flow_run, as_run_state(ended, run.ending or ""))
        with UnitOfWork(self.engine) as work:
            accepted_runs.forget(work.session, run.flow_run)
            work.commit()

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


def _do(*steps: Callable[[], None]) -> None:
    """Do the steps in order; one that fails does not keep the others from being done."""
    for step in steps:
        try:
            step()
        except (UserError, DBAPIError) as error:
            _LOG.warning("%s: %s", step.__name__.strip("_"), one_line(error))


def _next(queued: Iterable[Ticket]) -> tuple[Ticket | None, Ticket | None]:
    """Return the running ticket and the first waiting one."""
    running = first = None
    for ticket in queued:
        if ticket.state is TicketState.RUNNING:
            running = ticket
        elif first is None:
            first = ticket
    return running, first
