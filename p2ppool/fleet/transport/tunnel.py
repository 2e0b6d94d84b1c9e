"""One SSH connection to a jump host, and through it a route to each of the hosts behind it.

Nothing here blocks the caller's thread, so a jump host that stalls delays only the hosts behind it. The
tunnel's own thread signs in and requests channels; the answers, and the first bytes of the hosts, arrive in
paramiko's thread. The caller is woken and collects them with `poll`. Dead hosts cost no thread here either.
"""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

import paramiko

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.dial import FRESH
from p2ppool.fleet.transport.forwarding import Bell, ForwardingTransport
from p2ppool.fleet.transport.login import Login
from p2ppool.fleet.transport.ssh import SshConnection
from p2ppool.fleet.transport.tunnel_socket import TunnelSocket

_CLOSE_GRACE: Final = 5.0
"""Seconds that a jump host has to close a channel after it was sent end of file."""
_LOG: Final = logging.getLogger(__name__)


class JumpConnection(SshConnection):
    """SSH to a jump host: no commands, only routes to other hosts."""

    transport_type = ForwardingTransport

    @property
    def transport(self) -> ForwardingTransport:
        """The transport, once it is established."""
        assert isinstance(self._transport, ForwardingTransport)  # noqa: S101 - it is of `transport_type`
        return self._transport


@dataclass(eq=False)
class _Opening:
    """A requested channel, until its host sends something."""

    ticket: int
    target: Target
    began: float
    deadline: float
    channel: paramiko.Channel | None = None
    connected: bool = False
    bell: Bell | None = field(default=None, repr=False)


@dataclass(frozen=True)
class DialAgain:
    """The jump host of a target is connected now."""


Route = socket.socket | TunnelSocket | HostFault | DialAgain


class Tunnel:
    """Used by one thread, which `wake` wakes up. `poll` reports each dialled ticket once.

    The sockets that it hands out, of the hosts behind it, may be used by any thread.
    """

    def __init__(self, jump: Target, limits: FleetLimits, login: Login, wake: Callable[[], object]) -> None:
        """Wait for `begin` to pass on the result of connecting to `jump`."""
        self._jump = jump
        self._limits = limits
        self._login = login
        self._wake = wake
        self._fault: HostFault | None = None
        self._connection: JumpConnection | None = None
        self._open = False
        self._parked: list[int] = []
        self._openings: dict[int, _Opening] = {}
        self._late: dict[int, _Opening] = {}
        self._leaving: dict[int, tuple[float, paramiko.Channel]] = {}
        self._ready: list[tuple[int, Route]] = []
        self._steps: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._rung: SimpleQueue[int] = SimpleQueue()
        self._thread: Thread | None = None

    @property
    def in_flight(self) -> int:
        """The number of requested channels whose hosts have not sent anything yet."""
        return len(self._openings)

    @property
    def learnt_key(self) -> str | None:
        """The jump host's key, seen for the first time."""
        return self._connection.host_key if self._connection and self._jump.host_key is None else None

    def fresh(self) -> int:
        """Count the channels so recent that they may well be answered."""
        young = monotonic() - FRESH
        return sum(opening.began > young for opening in self._openings.values())

    def begin(self, result: socket.socket | HostFault) -> None:
        """Sign in at the jump host, now that it was dialled."""
        if isinstance(result, HostFault):
            self._fault = self._of_jump(result)
            return
        self._connection = JumpConnection(self._jump, result, self._limits)
        self._thread = Thread(
            target=self._serve, args=(self._connection,), name=f"fleet-to-{self._jump.name}"
        )
        self._thread.start()

    def dial(self, ticket: int, target: Target) -> None:
        """Begin to connect to a target behind the jump host."""
        if self._open and not self._fault:
            now = monotonic()
            opening = _Opening(ticket, target, now, now + self._limits.connect_timeout)
            self._openings[ticket] = opening
            self._steps.put(partial(self._request_channel, opening))
        else:
            self._parked.append(ticket)

    def poll(self) -> list[tuple[int, Route]]:
        """Return the tickets that are ready, have failed, or are to be dialled again; does not wait."""
        self._check_alive()
        if self._fault:
            self._fail_all(self._fault)
        elif self._open:
            self._ready += [(ticket, DialAgain()) for ticket in self._parked]
            self._parked.clear()
        self._answer_bells()
        self._check_deadlines()
        self._close_left()
        ready, self._ready = self._ready, []
        return ready

    def _check_alive(self) -> None:
        if self._connection is None or not self._open or self._fault:
            return
        if self._connection.transport.lost:
            self._fault = self._of_jump(HostFault(ErrorKind.CONNECTION_LOST))
        elif self._connection.transport.stuck() > self._limits.step_timeout:
            limit = f"took no more data for {self._limits.step_timeout:g} s"
            self._fault = self._of_jump(HostFault(ErrorKind.STALLED, limit))
            self._connection.abort()

    def unpark(self) -> list[int]:
        """Give up the targets for which nothing was done yet; return their tickets."""
        parked, self._parked = self._parked, []
        return parked

    def hang_up(self) -> list[int]:
        """Give up everything that is not ready and break the rest; return the tickets given up.

        Never waits.
        """
        if self._connection:
            self._connection.abort()
        tickets = list(self._openings)
        self._openings.clear()
        return tickets

    def close(self) -> None:
        """Leave no thread and no open file."""
        self.hang_up()
        self._steps.put(None)
        if self._thread:
            self._thread.join()

    def _serve(self, connection: JumpConnection) -> None:
        """Do everything that may have to wait for the jump host; runs in the tunnel's own thread."""
        try:
            self._sign_in(connection)
            while self._fault is None and (step := self._steps.get()) is not None:
                with suppress(OSError, EOFError, paramiko.SSHException):  # lost: `poll` sees that
                    step()
        finally:
            connection.close()

    def _sign_in(self, connection: JumpConnection) -> None:
        try:
            connection.establish(self._login)
            self._open = True
        except HostFault as fault:
            self._fault = self._of_jump(fault)
        except Exception as error:  # noqa: BLE001 - a bug must not leave the hosts behind without an outcome
            _LOG.error("%s: signing in raised", self._jump.name, exc_info=error)
            self._fault = self._of_jump(HostFault(ErrorKind.INTERNAL, type(error).__name__))
        self._wake()

    def _request_channel(self, opening: _Opening) -> None:
        if self._connection is None or opening.ticket not in self._openings:
            return
        transport = self._connection.transport
        opening.channel = transport.new_channel(partial(self._ring, opening.ticket))
        transport.request(opening.channel, opening.target.address, opening.target.port)

    def _ring(self, ticket: int) -> None:
        self._rung.put(ticket)
        self._wake()

    def _answer_bells(self) -> None:
        while True:
            try:
                ticket = self._rung.get_nowait()
            except Empty:
                return
            if opening := self._openings.get(ticket):
                self._check_channel(opening)
            elif (late := self._late.pop(ticket, None)) and late.channel:
                self._leave(late.channel)

    def _check_channel(self, opening: _Opening) -> None:
        """Check what has become of a channel."""
        if self._connection is None or opening.channel is None:
            return
        channel, transport = opening.channel, self._connection.transport
        if refusal := transport.refusals.pop(channel.chanid, None):
            self._fail(opening, HostFault(refusal.kind, refusal.text, where=self._through))
        elif not opening.connected and channel.active:
            opening.connected = True
            opening.deadline = monotonic() + self._limits.banner_timeout
            opening.bell = Bell(partial(self._ring, opening.ticket))
            channel.in_buffer.set_event(opening.bell)  # type: ignore[arg-type] # it is one for all that matters
        elif opening.bell and channel.recv_ready():
            opening.bell.silence()
            del self._openings[opening.ticket]
            self._ready.append((opening.ticket, self._socket(channel)))
        elif opening.connected and (channel.closed or channel.eof_received):
            fault = HostFault(
                ErrorKind.CONNECTION_LOST, "closed before it sent anything", where=self._through
            )
            self._fail(opening, fault)

    def _check_deadlines(self) -> None:
        now = monotonic()
        for opening in list(self._openings.values()):
            if now >= opening.deadline:
                kind = ErrorKind.SILENT if opening.connected else ErrorKind.TIMEOUT
                limit = self._limits.banner_timeout if opening.connected else self._limits.connect_timeout
                self._fail(opening, HostFault(kind, f"{limit:g} s", where=self._through))

    def _fail(self, opening: _Opening, fault: HostFault) -> None:
        del self._openings[opening.ticket]
        self._ready.append((opening.ticket, fault))
        if opening.channel is None:
            return
        if opening.bell:
            opening.bell.silence()
            self._leave(opening.channel)
        elif fault.kind is ErrorKind.TIMEOUT:  # if it opens later, it has to be closed
            self._late[opening.ticket] = opening

    def _fail_all(self, fault: HostFault) -> None:
        self._ready += [(ticket, fault) for ticket in (*self._parked, *self._openings)]
        self._parked.clear()
        self._openings.clear()

    def _socket(self, channel: paramiko.Channel) -> TunnelSocket:
        return TunnelSocket(channel, self._limits.step_timeout, self._trouble, self._leave)

    def _trouble(self) -> HostFault | None:
        """Return the tunnel's fault, for the connections that run through it."""
        self._check_alive()
        return self._fault

    def _leave(self, channel: paramiko.Channel) -> None:
        """End a channel, beginning with end of file, since data may still be on its way here.

        A jump host that is asked to close it at once may treat that data as an error (asyncssh's does).
        """
        if not channel.closed and channel.chanid not in self._leaving:
            self._leaving[channel.chanid] = (monotonic() + _CLOSE_GRACE, channel)
            self._steps.put(channel.shutdown_write)

    def _close_left(self) -> None:
        """Close the channels that the jump host has not closed in time."""
        for number, (deadline, channel) in list(self._leaving.items()):
            if channel.closed or monotonic() >= deadline:
                del self._leaving[number]
                self._steps.put(channel.close)

    def _of_jump(self, fault: HostFault) -> HostFault:
        """Return the fault for the hosts behind it;
        the key that it offered is kept, so that it can be accepted.
        """
        offered = self._connection.host_key if self._connection else None
        facts = {"offered_jump_key": offered} if offered and fault.kind is ErrorKind.HOST_KEY_CHANGED else {}
        return HostFault(fault.kind, fault.detail, facts, where=f"its jump host {self._jump.name}")

    @property
    def _through(self) -> str:
        return f"through its jump host {self._jump.name}"
