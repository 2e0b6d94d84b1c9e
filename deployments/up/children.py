"""The processes of `p2ppool up`: started, watched, restarted, and stopped in reverse order."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deployments.up.hanging import Answers
from deployments.up.log_files import LogFiles
from deployments.up.progress import Patience
from p2ppool.errors import UserError
from p2ppool.interpreter import python

_PR_SET_PDEATHSIG = 1
_POLL = 0.1  # seconds between two checks at a starting child
_END_TIMEOUT = 15.0  # seconds until a child that was asked to stop is killed
_MOST_RESTARTS = 5  # of one child within _WHILE
_WHILE = 120.0  # seconds; with more restarts, another one is pointless
_MIB = 1024 * 1024
_libc = ctypes.CDLL(None)


@dataclass
class Child:
    """A running child and its log file."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    log: Path
    restarted: list[float] = field(default_factory=list)  # when, by the monotonic clock
    answers: Answers | None = None

    def exit_code(self) -> int | None:
        """Return the exit code; None while the child runs.

        An interrupt in the middle of `poll` would leave its lock taken, and every later wait would hang.
        """
        with _signals_held():
            return self.process.poll()


class Children:
    """All children of one `p2ppool up`. `stop` may be called at any time and repeatedly."""

    def __init__(
        self, logs: Path, environment: Mapping[str, str], *, largest_log: int = 10 * _MIB, logs_kept: int = 5
    ) -> None:
        """Write logs to files in `logs`; every child gets `environment` on top of ours.

        They run beside `logs`, not in the current folder: Prefect reads settings from files there (`.env`,
        `prefect.toml`), and a configuration of its logging can name code.
        """
        self._logs = LogFiles(logs, largest_log, logs_kept)
        self._environment = {**os.environ, "PYTHONSAFEPATH": "1", **environment}
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str], answers: Answers | None = None) -> Child:
        """Start `command`, to be stopped by `stop`, or by the kernel should this process die first.

        `answers` notices when it hangs.
        """
        log = self._logs.path(name)
        child = Child(name, command, self._spawn(command, name), log, answers=answers)
        self._children.append(child)
        return child

    def wait_until(self, ready: Callable[[], bool], child: Child, timeout: float) -> None:
        """Wait until `ready()` is true, as long as the child makes progress.

        Raises:
            UserError: the child died, or has made no progress for `timeout` seconds.
        """
        patience = Patience(child.process.pid, timeout)
        while not ready():
            self.check()
            if patience.is_over():
                raise UserError(
                    f"{child.name} is not ready, and has done nothing for {timeout:.0f} s: see {child.log}"
                )
            time.sleep(_POLL)

    def check(self) -> None:
        """Check that all children live.

        Raises:
            UserError: one has ended by itself.
        """
        for child in self._children:
            self._logs.put_aside(child.name)
            code = child.exit_code()
            if code is not None:
                raise UserError(f"{child.name} ended by itself ({_describe(code)}){_last_line(child.log)}")

    def restart_ended(self) -> list[str]:
        """Restart children that ended by themselves or hang, and return a line for each.

        Logs that have become large are put aside.

        Raises:
            UserError: one does not stay up.
        """
        lines = []
        for child in self._children:
            self._logs.put_aside(child.name)
            hung = _killed_if_hanging(child)
            code = child.exit_code()
            if code is not None:
                self._restart(child)
                why = hung or f"ended by itself ({_describe(code)})"
                lines.append(f"{child.name} {why} and was restarted")
        return lines

    def _restart(self, child: Child) -> None:
        moment = time.monotonic()
        child.restarted = [when for when in child.restarted if moment - when < _WHILE] + [moment]
        if len(child.restarted) > _MOST_RESTARTS:
            self.check()
        child.process = self._spawn(child.command, child.name)
        if child.answers:
            child.answers.start_over()

    def stop(self) -> None:
        """Stop all children, the youngest first, and kill those that exceed the grace period."""
        while self._children:
            child = self._children[-1]
            if child.answers:
                child.answers.stop()
            _end(child.process)
            self._children.pop()

    def _spawn(self, command: Sequence[str], name: str) -> subprocess.Popen[bytes]:
        with self._logs.opened(name) as output:
            return subprocess.Popen(
                python(*command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._logs.folder.parent,
                start_new_session=True,  # Ctrl-C must reach only this process, which stops them in order
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread only, before any work
            )


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait until the body has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _killed_if_hanging(child: Child) -> str:
    """Kill a child that has not answered for too long, and return what it did; empty if it is well."""
    silent = child.answers.seconds_missing() if child.answers else None
    if silent is None or child.exit_code() is not None:
        return ""
    child.process.kill()  # what hangs does not take a SIGTERM
    child.process.wait()
    return f"did not answer for {silent:.0f} s"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_END_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _describe(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = f": {lines[-1][:200]}" if lines else ""
    return f"{last}; its log is {log}"
