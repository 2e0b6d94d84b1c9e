"""The processes of the runs, forked from one that has imported everything: so a run starts at once."""

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
_END_PATIENCE: Final = 10.0  # seconds that all together may take to end


class Processes(Protocol):
    """What the desk needs of them."""

    def start(self, run: str, action: str, ticket: int | None = None) -> None:
        """Start the process of that run, for that ticket; without one it asks itself."""

    def terminate(self, run: str) -> None:
        """Tell the process of that run to end; does nothing where there is none."""

    def ended(self) -> dict[str, int]:
        """Exit codes of those that ended since the last call, by run."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[str]:
        """The runs that have one."""

    def __contains__(self, run: object) -> bool:
        """Whether that run has a process."""


@dataclass(frozen=True)
class _Entry:
    """Imports the flows in the new process only: the desk itself stays small."""

    run: str
    action: str
    ticket: int | None

    def __call__(self) -> None:
        from deployments.dispatcher import flow_process  # noqa: PLC0415 - see above

        flow_process.run(self.run, self.action, self.ticket)


class FlowProcesses:
    """Forked from a server process that a first `start` brings up; each belongs to one run."""

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([_ENTRY])
        self._processes: dict[str, BaseProcess] = {}

    def warm_up(self) -> None:
        """Bring up the process that the others are forked from; it imports everything meanwhile."""
        _shorten_temporary_folder()
        forkserver.ensure_running()

    def start(self, run: str, action: str, ticket: int | None = None) -> None:
        """Start the process of that run, for that ticket; without one it asks itself."""
        process = self._context.Process(target=_Entry(run, action, ticket), name=f"{action} {run}")
        process.start()
        self._processes[run] = process

    def terminate(self, run: str) -> None:
        """Tell the process of that run to end; does nothing where there is none."""
        if run in self._processes:
            self._processes[run].terminate()

    def ended(self) -> dict[str, int]:
        """Exit codes of those that ended since the last call, by run; negative: the signal that ended it."""
        codes = {run: process.exitcode for run, process in self._processes.items()}
        found = {run: code for run, code in codes.items() if code is not None}
        for run in found:
            self._processes.pop(run).close()
        return found

    def stop(self) -> None:
        """Tell all to end, and wait for them for a while."""
        for process in self._processes.values():
            process.terminate()
        deadline = time.monotonic() + _END_PATIENCE
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
    """Give this process's temporary folder a short name, by an open file of its own.

    The fork server listens on a socket there, whose address has room for 107 bytes (unix(7)); a data folder
    may have a longer name.
    """
    folder = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY)
    tempfile.tempdir = f"/proc/self/fd/{folder}"
