"""The one SSH connection that an action has to a host, and the commands that run over it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import ClassVar, Final

import paramiko

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, ErrorKind, HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport import host_key
from p2ppool.fleet.transport.connection import Connection
from p2ppool.fleet.transport.handshake import FleetTransport, agree_on_keys, sign_in
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.session import OUTPUT_LIMIT, bounded_lines
from p2ppool.fleet.transport.tunnel_socket import TunnelSocket

_READ: Final = 32768


class SshSession:
    """One command on the host: bytes in, lines out. Standard error arrives among the lines."""

    def __init__(self, channel: paramiko.Channel, step_timeout: float) -> None:
        self._channel = channel
        self._step_timeout = step_timeout

    def send(self, data: bytes | memoryview) -> None:
        """Stream `data` into the command; large data is never copied as a whole.

        Raises:
            HostFault: the command or the connection has ended, or accepts no more data.
        """
        try:
            self._channel.sendall(memoryview(data))  # type: ignore[arg-type] # the stubs are narrower than paramiko
        except TimeoutError as error:
            raise self._stalled("took no more data") from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise HostFault(ErrorKind.CONNECTION_LOST, f"while sending: {error}") from error

    def lines(self, limit: int = OUTPUT_LIMIT) -> Iterator[str]:
        """Yield the command's output until it ends, line by line; over-long lines are cut.

        Raises:
            HostFault: no byte for `step_timeout`, no proper end, or more than `limit` bytes.
        """
        yield from bounded_lines(self._receive, limit)
        if self.exit_status() == -1:
            raise HostFault(ErrorKind.CONNECTION_LOST, "the command was cut off")

    def exit_status(self) -> int:
        """Return the command's exit status, once its lines have ended;
        -1 if a signal or a lost connection ended it.
        """
        if not self._channel.status_event.wait(self._step_timeout):
            return -1
        return self._channel.exit_status

    def _receive(self) -> bytes:
        try:
            return self._channel.recv(_READ)
        except TimeoutError as error:
            raise self._stalled("sent nothing") from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise HostFault(ErrorKind.CONNECTION_LOST, f"while reading: {error}") from error

    def _stalled(self, what: str) -> HostFault:
        return HostFault(ErrorKind.STALLED, f"{what} for {self._step_timeout:g} s")


class SshConnection(Connection):
    """SSH over a connected socket, or over a channel that a jump host forwards."""

    transport_type: ClassVar[type[FleetTransport]] = FleetTransport

    def __init__(self, target: Target, sock: socket.socket | TunnelSocket, limits: FleetLimits) -> None:
        self.target = target
        self.limits = limits
        self._sock = sock
        self._transport: FleetTransport | None = None

    def establish(self, login: Login) -> None:
        """Exchange keys, check the host key, and sign in, in this order.

        Raises:
            HostFault: for any failure.
        """
        self.step = "handshake"
        try:
            self._transport = self.transport_type(self._sock, self.limits, self.target.host_key)
        except OSError as error:
            raise HostFault(ErrorKind.CONNECTION_LOST, str(error)) from error
        self.host_key = agree_on_keys(self._transport, self.limits)
        host_key.check(self.host_key, self.target.host_key)
        self.step = "login"
        sign_in(self._transport, replace(login, user=self.target.user or login.user))
        self.step = "session"

    @contextmanager
    def session(self, command: str) -> Iterator[SshSession]:
        """Run `command` in the login shell of the host.

        After a fault that the host itself did not report, nothing can be said over this connection: it ends
        at once.

        Raises:
            HostFault: not connected (any more), or the server doesn't let commands run.
        """
        if self._transport is None:
            raise HostFault(ErrorKind.INTERNAL, "no connection to run a command over")
        try:
            channel = self._transport.open_session(timeout=self.limits.step_timeout)
            channel.settimeout(self.limits.step_timeout)
            channel.set_combine_stderr(combine=True)
            channel.exec_command(command)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise self._no_session(error) from error
        try:
            yield SshSession(channel, self.limits.step_timeout)
        except HostFault as fault:
            if fault.kind not in FOUND_ON_HOST:
                self.abort()
            raise
        finally:
            with suppress(paramiko.SSHException, EOFError, OSError):
                channel.close()

    def abort(self) -> None:
        """End everything on this connection at once; whoever waits on it sees it broken.

        Shutting the socket down wakes the threads that read from it; closing alone does not.
        """
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Leave no thread and no open file behind."""
        self.abort()
        if self._transport is not None:
            self._transport.close()
        self._sock.close()

    def transport_fault(self) -> HostFault | None:
        """Return the fault of its jump host, if that was lost."""
        return self._sock.transport_fault() if isinstance(self._sock, TunnelSocket) else None

    def _no_session(self, error: Exception) -> HostFault:
        kind = ErrorKind.PROTOCOL
        if self._transport is None or not self._transport.is_active():
            kind = ErrorKind.CONNECTION_LOST
        elif "timeout" in str(error).lower():
            kind = ErrorKind.STALLED
        return HostFault(kind, f"no command could be started: {error}")
