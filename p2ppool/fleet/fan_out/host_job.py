"""One host being served by a worker, from the connection to the outcome."""

import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final

from p2ppool.cancel import CancelToken
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, ErrorKind, HostFault, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.connection import Connection
from p2ppool.fleet.transport.login import Login

Job = Callable[[Connection], Mapping[str, str]]

_REPORTED_UNCHANGED: Final = FOUND_ON_HOST | {ErrorKind.HOST_KEY_CHANGED, ErrorKind.CANCELLED}
_LOG: Final = logging.getLogger(__name__)


def not_started(cancel: CancelToken) -> HostFault:
    """Return the fault of a host that was never started."""
    return HostFault(ErrorKind.CANCELLED, f"not started: {cancel.reason}")


class HostJob:
    """The work on one connected host. A worker runs it;
    another thread may abort it or enforce its deadline.
    """

    def __init__(self, target: Target, connection: Connection, limits: FleetLimits, began: float) -> None:
        self._target = target
        self._limits = limits
        self._began = began
        self._deadline = float("inf")
        self._expired = False
        self._connection = connection

    def run(self, job: Job, login: Login, cancel: CancelToken) -> HostOutcome:
        """Sign in and run the job; never raises."""
        self._deadline = monotonic() + self._limits.host_deadline
        try:
            facts = self._sign_in_and_run(job, login, cancel)
        except HostFault as fault:
            return self._failed(fault, cancel)
        except Exception as error:  # noqa: BLE001 - a bug on one host must not lose the others' outcomes
            _LOG.error("%s: the job raised", self._target.name, exc_info=error)
            return self._failed(HostFault(ErrorKind.INTERNAL, type(error).__name__), cancel)
        finally:
            self._connection.close()
        return self._outcome(None, "", facts)

    def abort(self) -> None:
        """End the job now, while a worker runs it."""
        self._connection.abort()

    def drop(self) -> None:
        """Close the connection before any worker has run the job."""
        self._connection.close()

    def expire(self, now: float) -> None:
        """Abort the job if its deadline has passed."""
        if now >= self._deadline and not self._expired:
            self._expired = True
            self.abort()

    def _sign_in_and_run(self, job: Job, login: Login, cancel: CancelToken) -> Mapping[str, str]:
        if cancel.cancelled:
            self._connection.step = ""
            raise not_started(cancel)
        self._connection.establish(login)
        return job(self._connection)

    def _failed(self, fault: HostFault, cancel: CancelToken) -> HostOutcome:
        """Report a broken connection as its cause if the manager itself broke it."""
        if fault.kind not in _REPORTED_UNCHANGED:
            if cancel.cancelled:
                fault = HostFault(ErrorKind.CANCELLED, cancel.reason)
            elif self._expired:
                fault = HostFault(ErrorKind.DEADLINE, f"{self._limits.host_deadline:g} s")
            else:
                fault = self._connection.transport_fault() or fault
        offered = self._connection.host_key
        if fault.kind is ErrorKind.HOST_KEY_CHANGED and offered:
            return self._outcome(fault.kind, str(fault), {"offered_host_key": offered})
        return self._outcome(fault.kind, str(fault), fault.facts)

    def _outcome(self, error: ErrorKind | None, message: str, facts: Mapping[str, str]) -> HostOutcome:
        first_contact = self._target.host_key is None
        return HostOutcome(
            target=self._target,
            error=error,
            message=message,
            step=self._connection.step,
            seconds=monotonic() - self._began,
            host_key=self._connection.host_key if first_contact else None,
            facts=facts,
        )
