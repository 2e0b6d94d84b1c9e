"""One command on a host: what the agent needs of a connection, over SSH or to the manager's own machine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final, Protocol

from p2ppool.fleet.limits import FleetLimits
from p2ppool.fleet.outcome import ErrorKind, HostFault

LINE_LIMIT: Final = 4096
OUTPUT_LIMIT: Final = 1_000_000


class Session(Protocol):
    """Bytes in, lines out. Standard error arrives among the lines."""

    def send(self, data: bytes | memoryview) -> None:
        """Stream `data` into the command; raises HostFault when it can't be."""

    def lines(self) -> Iterator[str]:
        """The output until it ends; raises HostFault for silence, a broken connection, or far too much."""

    def exit_status(self) -> int:
        """Once the lines have ended; -1 if it is not known."""


class Host(Protocol):
    """Where commands run."""

    limits: FleetLimits
    step: str
    """What is being done, for the outcome's text."""

    def session(self, command: str) -> AbstractContextManager[Session]:
        """Run `command`; at the end of the context its input ends."""


def bounded_lines(receive: Callable[[], bytes]) -> Iterator[str]:
    """The lines in what `receive` returns until it returns nothing; what is over-long is cut.

    Raises:
        HostFault: far too much output.
    """
    rest, total = b"", 0
    while chunk := receive():
        total += len(chunk)
        if total > OUTPUT_LIMIT:
            raise HostFault(ErrorKind.PROTOCOL, f"more than {OUTPUT_LIMIT:,} bytes of output")
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[:LINE_LIMIT]
        for line in whole:
            yield line[:LINE_LIMIT].decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
