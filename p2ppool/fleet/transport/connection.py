"""What a job has of a host: over SSH, or on the manager's own machine."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.session import Session


class Connection(ABC):
    """Opened by `establish`, used by one thread; `abort` may be called by any."""

    target: Target
    limits: FleetLimits
    host_key: str | None = None
    """What the server proved to have; None before the key exchange, and where there is none."""
    step: str = "connect"
    """What is being done, for the outcome's text."""

    @abstractmethod
    def establish(self, login: Login) -> None:
        """Have it ready for commands; raises HostFault for whatever went wrong."""

    @abstractmethod
    def session(self, command: str) -> AbstractContextManager[Session]:
        """Run `command` in a shell of the host; raises HostFault where that can't be."""

    @abstractmethod
    def abort(self) -> None:
        """End everything on this connection at once, without waiting: who uses it sees it broken."""

    @abstractmethod
    def close(self) -> None:
        """Leave nothing behind: no thread, no process, no open file."""

    def fault_on_the_way(self) -> HostFault | None:
        """What broke it, if that was neither the host nor the manager."""
        return None
