"""A job's connection to its host: over SSH, or to the manager's own machine."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.session import Session


class Connection(ABC):
    """Opened by `establish` and used by one thread; any thread may call `abort`."""

    target: Target
    limits: FleetLimits
    host_key: str | None = None
    """The key that the server proved to own; None before the key exchange, and without SSH."""
    step: str = "connect"
    """What is being done, for the outcome's text."""

    @abstractmethod
    def establish(self, login: Login) -> None:
        """Make it ready for commands; raises HostFault for any failure."""

    @abstractmethod
    def session(self, command: str) -> AbstractContextManager[Session]:
        """Run `command` in a shell of the host; raises HostFault if that fails."""

    @abstractmethod
    def abort(self) -> None:
        """End everything on this connection at once, without waiting; its user sees it broken."""

    @abstractmethod
    def close(self) -> None:
        """Leave no thread, process or open file behind."""

    def transport_fault(self) -> HostFault | None:
        """Return the fault that broke the connection if neither the host nor the manager caused it."""
        return None
