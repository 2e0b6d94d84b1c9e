"""The processes of runs, forked from one that has imported everything: so a run starts at once."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from typing import Final, Protocol

_ENTRY: Final = "deployments.dispatcher.flow_process"
_END_TIMEOUT: Final = 10.0  # seconds that all of them get to end


class Processes(Protocol):
    """The dispatcher's view of the processes."""

    def start(self, run: str, action: str, ticket: int | None = None) -> None:
        """Start the process of that run, for that ticket; without one it requests its own."""

    def terminate(self, run: str) -> None:
        """Ask the process of that run to stop; do nothing if there is none."""

    def ended(self) -> dict[str, int]:
        """Return the exit codes of processes that ended since the last call, by run."""

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

    def __call__(self) -> None:
        from deployments.dispatcher import flow_process  # noqa: PLC0415 - see above

        flow_process.run(self.run, self.action, self.ticket)


class FlowProcesses:
    """Processes forked from a server process that a first `start` launches; each belongs to one run."""

    def __init__(self) -> None:
        """Prepare the context; nothing is started yet."""
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([_ENTRY])
        self._processes: dict[str, BaseProcess] = {}

    def warm_up(self) -> None:
        """Launch the process that the others are forked from, so that it imports everything meanwhile."""
        _shorten_temporary_folder()
        forkserver.ensure_running()

    def start(self, run: str, action: str, ticket: int | None = None) -> None:
        """Start the process of that run, for that ticket; without one it requests its own."""
        process = self._context.Process(target=_Entry(run, action, ticket), name=f"{action} {run}")
        process.start()
        self._processes[run] = process

    def terminate(self, run: str) -> None:
        """Ask the process of that run to stop; do nothing if there is none."""
        if run in self._processes:
            self._processes[run].terminate()

    def ended(self) -> dict[str, int]:
        """Return exit codes of processes that ended since the last call, by run; negative: a signal's
        number.
        """
        codes = {run: process.exitcode for run, process in self._processes.items()}
        found = {run: code for run, code in codes.items() if code is not None}
        for run in found:
            self._processes.pop(run).close()
        return found

    def stop(self) -> None:
        """Ask all processes to stop, and wait for them for a while."""
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + _END_TIMEOUT
        for process in self._processes.values():
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
