"""The manager's own machine as a host: the same agent, without SSH."""

import os
import selectors
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from p2ppool.cancel import CancelToken
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, ErrorKind, HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.connection import Connection
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.session import OUTPUT_LIMIT, bounded_lines

_READ: Final = 32768
_END_GRACE: Final = 5.0


class LocalSession:
    """One command on this machine: bytes in, lines out. Standard error arrives among the lines."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: socket.socket,
        step_timeout: float,
        is_cut_off: Callable[[], bool],
    ) -> None:
        """Write to `process` through `stdin`; it may be silent for at most `step_timeout` seconds."""
        self._process = process
        self._stdin = stdin
        self._step_timeout = step_timeout
        self._is_cut_off = is_cut_off

    def send(self, data: bytes | memoryview) -> None:
        """Stream `data` into the command.

        Raises:
            HostFault: the command has ended.
        """
        try:
            self._stdin.sendall(data)
        except OSError as error:
            raise HostFault(ErrorKind.CONNECTION_LOST, f"while sending: {error.strerror}") from error

    def lines(self, limit: int = OUTPUT_LIMIT) -> Iterator[str]:
        """Yield the command's output until it ends, line by line; over-long lines are cut.

        Raises:
            HostFault: no byte for `step_timeout`, no proper end, or more than `limit` bytes.
        """
        yield from bounded_lines(self._receive, limit)
        if self._is_cut_off():
            raise HostFault(ErrorKind.CONNECTION_LOST, "the command was cut off")

    def exit_status(self) -> int:
        """Return the command's exit status, once its lines have ended; -1 if it does not end."""
        try:
            return self._process.wait(self._step_timeout)
        except subprocess.TimeoutExpired:
            return -1

    def _receive(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - requested below
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(self._step_timeout):
                raise HostFault(ErrorKind.STALLED, f"sent nothing for {self._step_timeout:g} s")
        return os.read(self._process.stdout.fileno(), _READ)


class LocalConnection:
    """Runs the agent as if over a connection to a host whose address is `address`."""

    def __init__(self, address: str, limits: FleetLimits, cancel: CancelToken) -> None:
        """Open nothing: each command is a process of its own, which `cancel` ends."""
        self.limits = limits
        self.step = "local"
        self._address = address
        self._cancel = cancel
        self._talking: socket.socket | None = None
        self._aborted = False

    def abort(self) -> None:
        """End the running command and refuse further ones; safe in any thread."""
        self._aborted = True
        if self._talking is not None:
            _hang_up(self._talking)

    def _is_cut_off(self) -> bool:
        return self._aborted or self._cancel.cancelled

    @contextmanager
    def session(self, command: str) -> Iterator[LocalSession]:
        """Run `command` with sh; at the end its input is closed, which ends an agent that still runs."""
        ours, theirs = socket.socketpair()  # unlike a pipe, it can be shut down while a thread writes to it
        with ours:
            with theirs:
                process = self._start(command, theirs)
            self._talking = ours
            if self._aborted:
                _hang_up(ours)
            unregister = self._cancel.on_cancel(lambda: _hang_up(ours))
            try:
                yield LocalSession(process, ours, self.limits.step_timeout, self._is_cut_off)
            except HostFault as fault:
                if self._cancel.cancelled and fault.kind not in FOUND_ON_HOST:
                    raise HostFault(ErrorKind.CANCELLED, self._cancel.reason) from fault
                raise
            finally:
                unregister()
                _hang_up(ours)
                _end(process)

    def _start(self, command: str, stdin: socket.socket) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=stdin.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env=self._environment(),
            cwd=Path.home(),
            start_new_session=True,  # Ctrl-C is for the action, not for the agent in the middle of a step
        )

    def _environment(self) -> dict[str, str]:
        """Return only what a login would set: a node that stays must not inherit the manager's secrets."""
        return {
            "HOME": str(Path.home()),
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "SSH_CONNECTION": f"127.0.0.1 0 {self._address} 0",
            "P2PPOOL_LAUNCHER": self.limits.launcher,
        }


class ManagerConnection(LocalConnection, Connection):
    """This machine as one of the hosts of a fan-out, as the user that the manager runs as."""

    def __init__(self, target: Target, limits: FleetLimits, cancel: CancelToken) -> None:
        """Open nothing yet."""
        super().__init__(target.address, limits, cancel)
        self.target = target

    def establish(self, login: Login) -> None:
        """Do nothing: there is no login."""

    def close(self) -> None:
        """Abort; nothing stays open between two commands."""
        self.abort()


def _hang_up(stdin: socket.socket) -> None:
    with suppress(OSError):
        stdin.shutdown(socket.SHUT_RDWR)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    try:
        process.wait(_END_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
