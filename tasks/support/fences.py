"""Going on where a host has seen a higher fence than our database has given: the database is an older one."""

import logging
from collections.abc import Callable
from typing import TypeVar

from prefect import get_run_logger
from prefect.logging.loggers import LoggingAdapter

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.actions.turns import TurnLost
from p2ppool.errors import UserError
from p2ppool.fleet.agent.verbs import reported_fence
from p2ppool.fleet.fan_out.host_job import Job
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.settings import settings
from p2ppool.store.manager_id import manager_id

T = TypeVar("T")
Log = logging.Logger | LoggingAdapter


def above_fences(held: HeldTurn, job: Job) -> Job:
    """Build the job that raises the turn's fence above a higher one of this manager on a host."""
    log = get_run_logger()  # here, as the threads of the hosts know of no run
    return lambda connection: _above_fence(held, lambda: job(connection), log)


def above_fence(held: HeldTurn, work: Callable[[], T]) -> T:
    """Return the result of `work`; do it once more under a higher fence if that is what it lacked.

    A copy of the database that was put back, or a power cut, takes the fence back, but not on the hosts.

    Raises:
        HostFault, UserError: what `work` raises, above all if another manager has set the fence.
    """
    return _above_fence(held, work, get_run_logger())


def _above_fence(held: HeldTurn, work: Callable[[], T], log: Log) -> T:
    try:
        return work()
    except (HostFault, UserError) as error:
        if not _may_go_on(held, error, log):
            raise
    return work()


def _may_go_on(held: HeldTurn, error: Exception, log: Log) -> bool:
    """Raise the turn's fence, if it was refused for one that this manager has set itself."""
    seen = _reported_fence(error)
    if seen is None:
        return False
    before = held.fence()
    try:
        held.raise_fence(seen)
    except TurnLost:  # that fence is a later turn's, as usual
        return False
    if held.fence() != before:
        log.warning(
            "the database is older than the pool's hosts: going on with turn %s instead of %s",
            held.fence(),
            before,
        )
    return True


def _reported_fence(error: Exception) -> int | None:
    """Return the fence of this manager that the host has seen; None if it refused something else."""
    fault = error if isinstance(error, HostFault) else error.__cause__
    if not isinstance(fault, HostFault) or fault.kind is not ErrorKind.FENCED:
        return None
    is_ours = fault.facts.get("fenced_by") == manager_id(settings().data_folder)
    return reported_fence(fault.facts) if is_ours else None
