"""The processes of runs, forked from one that has imported everything: so a run starts at once."""

import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, Protocol

from p2ppool.errors import one_line

_ENTRY: Final = "deployments.dispatcher.flow_process"
_END_TIMEOUT: Final = 10.0  # seconds that all of them get to end
_LONGEST_CAUSE: Final = 4096  # bytes


@dataclass(frozen=True)
class Exit:
    """How a process ended.

    Attributes:
        code: its exit code; negative: a signal's number.
        cause: the error that ended it, in one line; empty if it told none.
    """

    code: int
    cause: str = ""


class Processes(Protocol):
    """The dispatcher's view of the processes."""

    def start(self, run: str, action: str, ticket: int | None = None) -> None:
        """Start the process of that run, for that ticket; without one it requests its own."""

    def terminate(self, run: str) -> None:
        """Ask the process of that run to stop; do nothing if there is none."""

    def ended(self) -> dict[str, Exit]:
        """Return how processes ended since the last call, by run."""

    def __len__(self) -> int:
        """Return the number of processes."""

    def __iter__(self) -> Iterator[str]:
        """Iterate over the runs that have a process."""

    def __contains__(self, run: object) -> bool:
        """Tell whether that run has a process."""


@dataclass(frozen=True)
class _Entry:
    """Imports the flows in the new process only, which keeps the dispatcher small."""

    run: str
    action: str
    ticket: int | None
    causes: Connection

    def __call__(self) -> None:
        try:
            from deployments.dispatcher import flow_process  # noqa: PLC0415 - see above

            flow_process.run(self.run, self.action, self.ticket, self._tell)
        except Exception as error:
            self._tell(error)
            raise

    def _tell(self, error: Exception) -> None:
        """Tell the dispatcher what ends the process; it may be gone."""
        with suppress(OSError):
            self.causes.send_bytes(one_line(f"{type(error).__name__}: {error}").encode())


@dataclass(frozen=True)
class _Started:
    """A process, and what it tells of its end."""

    process: BaseProcess
    causes: Connection

    def exit(self) -> Exit | None:
        """Return how it ended; None while it runs."""
        code = self.process.exitcode
        return None if code is None else Exit(code, self._cause())

    def close(self) -> None:
        """Free what it takes."""
        self.process.close()
        self.causes.close()

    def _cause(self) -> str:
        with suppress(OSError, EOFError):
            if self.causes.poll():
                return self.causes.recv_bytes(_LONGEST_CAUSE).decode("utf-8", "replace")
        return ""


class FlowProcesses:
    """Processes forked from a server process that a first `start` launches; each belongs to one run."""

    def __init__(self) -> None:
        """Prepare the context; nothing is started yet."""
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([_ENTRY])
        self._processes: dict[str, _Started] = {}
        self._lock = threading.Lock()  # two threads start, end and ask

    def warm_up(self) -> None:
        """Launch the process that the others are forked from, so that it imports everything meanwhile."""
        _shorten_temporary_folder()
        forkserver.ensure_running()

    def start(self, run: str, action: str, ticket: int | None = None) -> None:
        """Start the process of that run, for that ticket; without one it requests its own."""
        causes, end = self._context.Pipe(duplex=False)
        with end:
            process = self._context.Process(target=_Entry(run, action, ticket, end), name=f"{action} {run}")
            process.start()
        with self._lock:
            self._processes[run] = _Started(process, causes)

    def terminate(self, run: str) -> None:
        """Ask the process of that run to stop; do nothing if there is none."""
        with self._lock:
            if run in self._processes:
                self._processes[run].process.terminate()

    def ended(self) -> dict[str, Exit]:
        """Return how processes ended since the last call, by run."""
        with self._lock:
            exits = {run: started.exit() for run, started in self._processes.items()}
            found = {run: exited for run, exited in exits.items() if exited is not None}
            for run in found:
                self._processes.pop(run).close()
        return found

    def stop(self) -> None:
        """Ask all processes to stop, and wait for them for a while."""
        processes = [started.process for started in self._processes.values()]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + _END_TIMEOUT
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                process.kill()

    def __len__(self) -> int:
        return len(self._processes)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._processes))

    def __contains__(self, run: object) -> bool:
        return run in self._processes


def _shorten_temporary_folder() -> None:
    """Give this process's temporary folder a short name, through an open file descriptor.

    The fork server listens on a socket there, whose address has room for 107 bytes (unix(7)); a data folder
    may have a longer name.
    """
    folder = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY)
    tempfile.tempdir = f"/proc/self/fd/{folder}"
