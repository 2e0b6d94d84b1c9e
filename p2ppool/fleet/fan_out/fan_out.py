"""One job on many hosts at the same time, one outcome for each."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

from p2ppool.cancel import CancelToken
from p2ppool.fleet.fan_out.host_job import HostJob, Job, not_started
from p2ppool.fleet.fan_out.in_progress import InProgress
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.connection import Connection
from p2ppool.fleet.transport.dial import OutOfFiles
from p2ppool.fleet.transport.local import ManagerConnection
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.routes import Routes
from p2ppool.fleet.transport.ssh import SshConnection
from p2ppool.fleet.transport.tunnel import DialAgain, Route

_TICK: Final = 0.1
"""Seconds after which deadlines are checked even if nothing happened."""

OnOutcome = Callable[[HostOutcome], object]


def fan_out(  # noqa: PLR0917 - in the order in which a caller thinks of them
    targets: Sequence[Target],
    job: Job,
    login: Login,
    limits: FleetLimits,
    cancel: CancelToken,
    on_outcome: OnOutcome | None = None,
    in_progress: InProgress | None = None,
) -> list[HostOutcome]:
    """Run `job` on all targets; every target gets exactly one outcome, in the given order.

    The job runs in a worker thread with the host's only connection; it raises HostFault for the host's
    faults. Hosts behind a jump host share one connection to it; the manager's own machine needs none.
    `on_outcome` is called as soon as a host has finished, always in the caller's thread. Nothing that a host
    does makes this function raise; what `on_outcome` raises ends the work on all hosts and is passed on.
    `in_progress` always holds the hosts that are being dialled or served.
    """
    run = _FanOut(targets, job, login, limits, cancel, on_outcome, in_progress or InProgress())
    unregister = cancel.on_cancel(run.wake)
    try:
        return run.run()
    finally:
        unregister()
        run.close()


@dataclass(eq=False)
class _FanOut:
    """The caller's thread dials, checks deadlines and collects outcomes;
    workers serve the hosts that answer.
    """

    targets: Sequence[Target]
    job: Job
    login: Login
    limits: FleetLimits
    cancel: CancelToken
    on_outcome: OnOutcome | None
    in_progress: InProgress

    def __post_init__(self) -> None:
        self._routes = Routes(self.limits, self.login)
        self._waiting = deque(range(len(self.targets)))
        self._began: dict[int, float] = {}
        self._jobs: dict[int, HostJob] = {}
        self._ready: SimpleQueue[int | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, HostOutcome]] = SimpleQueue()
        self._outcomes: dict[int, HostOutcome] = {}
        self._workers: list[Thread] = []

    def run(self) -> list[HostOutcome]:
        aborted = False
        while len(self._outcomes) < len(self.targets):
            if self.cancel.cancelled and not aborted:
                aborted = True
                self._abort()
            self._dial()
            for index, result in self._routes.poll(_TICK):
                self._take_up(index, result)
            self._check_deadlines()
            self._collect()
        return [self._outcomes[index] for index in range(len(self.targets))]

    def wake(self) -> None:
        self._routes.wake()

    def close(self) -> None:
        """Close every socket and end every thread, whatever happened."""
        self._routes.hang_up()  # first, so that nobody still waits for a jump host
        self._drop_ready()
        for host_job in list(self._jobs.values()):
            host_job.abort()
        for _ in self._workers:
            self._ready.put(None)
        for worker in self._workers:
            worker.join()
        self._routes.close()

    def _dial(self) -> None:
        """Dial more hosts, but only as many as will soon be served:
        servers drop clients that only connect.
        """
        unserved = self._ready.qsize() + self._routes.fresh()
        while self._waiting and unserved < 2 * self.limits.workers:
            if self._routes.in_flight >= self.limits.connecting:
                return
            index = self._waiting[0]
            self._began.setdefault(index, monotonic())
            try:
                self._start_connecting(index, self.targets[index])
            except OutOfFiles:
                if not self._routes.in_flight and not self._jobs:
                    raise
                return
            self._waiting.popleft()
            unserved = self._ready.qsize() + self._routes.fresh()

    def _start_connecting(self, index: int, target: Target) -> None:
        """Begin with one host; raises OutOfFiles."""
        if target.is_manager:
            self._serve(index, ManagerConnection(target, self.limits, self.cancel))
        else:
            self._routes.dial(index, target)
            self.in_progress.begin(target.key, lambda: "connect")

    def _take_up(self, index: int, result: Route) -> None:
        if isinstance(result, HostFault):
            self._end(index, result, "connect")
        elif isinstance(result, DialAgain):
            self._waiting.append(index)
        elif self.cancel.cancelled:
            result.close()
            self._end(index, not_started(self.cancel), "")
        else:
            self._serve(index, SshConnection(self.targets[index], result, self.limits))

    def _serve(self, index: int, connection: Connection) -> None:
        """Hand a connected host to the workers."""
        self._jobs[index] = HostJob(self.targets[index], connection, self.limits, self._began[index])
        self.in_progress.begin(self.targets[index].key, lambda: connection.step)
        self._ready.put(index)
        if len(self._workers) < min(self.limits.workers, len(self.targets)):
            worker = Thread(target=self._work, name=f"fleet-{len(self._workers)}")
            self._workers.append(worker)
            worker.start()

    def _work(self) -> None:
        """Serve ready hosts until there are no more; runs in a worker thread."""
        while (index := self._ready.get()) is not None:
            self._done.put((index, self._jobs[index].run(self.job, self.login, self.cancel)))
            self.wake()

    def _check_deadlines(self) -> None:
        now = monotonic()
        for host_job in self._jobs.values():
            host_job.expire(now)

    def _collect(self) -> None:
        while True:
            try:
                index, outcome = self._done.get_nowait()
            except Empty:
                return
            del self._jobs[index]
            self._report(index, outcome)

    def _abort(self) -> None:
        """Start nothing new, and break the connections of whatever runs."""
        dialled = self._routes.hang_up()  # first, so that nobody still waits for a jump host
        for index in [*self._drop_ready(), *self._routes.unpark()]:
            self._end(index, not_started(self.cancel), "")
        for host_job in self._jobs.values():
            host_job.abort()
        for index in dialled:
            self._end(index, HostFault(ErrorKind.CANCELLED, self.cancel.reason), "connect")
        while self._waiting:
            self._end(self._waiting.popleft(), not_started(self.cancel), "")

    def _drop_ready(self) -> list[int]:
        """Take back the connected hosts that no worker has started on."""
        dropped: list[int] = []
        while True:
            try:
                index = self._ready.get_nowait()
            except Empty:
                return dropped
            if index is not None:
                self._jobs.pop(index).drop()
                dropped.append(index)

    def _end(self, index: int, fault: HostFault, step: str) -> None:
        """Report the outcome of a host that no worker has started on."""
        target = self.targets[index]
        seconds = monotonic() - self._began.get(index, monotonic())
        self._report(index, HostOutcome(target, fault.kind, str(fault), step, seconds, facts=fault.facts))

    def _report(self, index: int, outcome: HostOutcome) -> None:
        if jump := outcome.target.jump:
            outcome = replace(outcome, jump_key=self._routes.learnt_key(jump))
        self._outcomes[index] = outcome
        self.in_progress.end(outcome.target.key)
        if self.on_outcome:
            self.on_outcome(outcome)
