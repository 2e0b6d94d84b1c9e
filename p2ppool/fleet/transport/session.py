"""One command on a host: what the agent needs from a connection, over SSH or to the manager's own machine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final, Protocol

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault

LINE_LIMIT: Final = 4096
OUTPUT_LIMIT: Final = 1_000_000


class Session(Protocol):
    """Bytes in, lines out. Standard error arrives among the lines."""

    def send(self, data: bytes | memoryview) -> None:
        """Stream `data` into the command; raises HostFault if that fails."""

    def lines(self, limit: int = OUTPUT_LIMIT) -> Iterator[str]:
        """Yield the output until it ends; raises HostFault for silence,
        a broken line, or over `limit` bytes.
        """

    def exit_status(self) -> int:
        """Return the exit status once the lines have ended; -1 if it is unknown."""


class AgentConnection(Protocol):
    """A connection over which commands run."""

    limits: FleetLimits
    step: str
    """What is being done, for the outcome's text."""

    def session(self, command: str) -> AbstractContextManager[Session]:
        """Run `command`; its input is closed at the end of the context."""


class Receiver(Protocol):
    """Receives what an agent sends besides its facts."""

    output_limit: int
    """The number of bytes that the whole output may have."""

    def take(self, word: str, rest: str) -> None:
        """Process a line of the agent's; raises HostFault if it makes no sense."""

    def data(self, line: str) -> bool:
        """Process any other line; False means that it is noise. Raises HostFault as `take` does."""


def bounded_lines(receive: Callable[[], bytes], limit: int = OUTPUT_LIMIT) -> Iterator[str]:
    """Yield the lines in what `receive` returns until it returns nothing; over-long lines are cut.

    Raises:
        HostFault: more than `limit` bytes.
    """
    rest, total = b"", 0
    while chunk := receive():
        total += len(chunk)
        if total > limit:
            raise HostFault(ErrorKind.PROTOCOL, f"more than {limit:,} bytes of output")
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[:LINE_LIMIT]
        for line in whole:
            yield line[:LINE_LIMIT].decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
