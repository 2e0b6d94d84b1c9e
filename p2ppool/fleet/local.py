"""The manager's own machine as a host: the same agent, without SSH."""

import os
import selectors
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from p2ppool.fleet.limits import FleetLimits
from p2ppool.fleet.outcome import ErrorKind, HostFault
from p2ppool.fleet.session import bounded_lines

_READ: Final = 32768
_END_PATIENCE: Final = 5.0


class LocalSession:
    """One command on this machine: bytes in, lines out. Standard error arrives among the lines."""

    def __init__(self, process: subprocess.Popen[bytes], step_timeout: float) -> None:
        """Talks to `process`, which may be silent for `step_timeout` seconds."""
        self._process = process
        self._step_timeout = step_timeout

    def send(self, data: bytes | memoryview) -> None:
        """Stream `data` into the command.

        Raises:
            HostFault: the command has ended.
        """
        try:
            _write_all(self._stdin, memoryview(data))
        except OSError as error:
            raise HostFault(ErrorKind.CONNECTION_LOST, f"while sending: {error.strerror}") from error

    def lines(self) -> Iterator[str]:
        """The command's output until it ends, line by line; what is over-long is cut.

        Raises:
            HostFault: no byte for `step_timeout`, or far too much output.
        """
        return bounded_lines(self._receive)

    def exit_status(self) -> int:
        """That of the command, once its lines have ended; -1 if it does not end."""
        try:
            return self._process.wait(self._step_timeout)
        except subprocess.TimeoutExpired:
            return -1

    @property
    def _stdin(self) -> int:
        assert self._process.stdin is not None  # noqa: S101 - asked for below
        return self._process.stdin.fileno()

    def _receive(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - asked for below
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(self._step_timeout):
                raise HostFault(ErrorKind.STALLED, f"said nothing for {self._step_timeout:g} s")
        return os.read(self._process.stdout.fileno(), _READ)


class LocalConnection:
    """What the agent takes for a connection to a host whose address is `address`."""

    def __init__(self, address: str, limits: FleetLimits) -> None:
        """Opens nothing: each command is a process of its own."""
        self.limits = limits
        self.step = "local"
        self._address = address

    @contextmanager
    def session(self, command: str) -> Iterator[LocalSession]:
        """Run `command` by sh; at the end its input is closed, which ends an agent that still runs."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env=self._environment(),
            cwd=Path.home(),
            start_new_session=True,  # Ctrl-C is for the action, not for the agent in the middle of a step
        )
        try:
            yield LocalSession(process, self.limits.step_timeout)
        finally:
            _end(process)

    def _environment(self) -> dict[str, str]:
        """Only what a login would set: a node that stays must not carry the manager's secrets."""
        return {
            "HOME": str(Path.home()),
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "SSH_CONNECTION": f"127.0.0.1 0 {self._address} 0",
        }


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(_END_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
