"""One SSH connection to a jump host, and through it a way to each of the hosts behind it.

Nothing here waits in the caller's thread, so a jump host that stalls holds up nobody but the hosts behind it.
A thread of the tunnel's own signs in and asks for channels; the answers, and the first words of the hosts,
come in paramiko's thread. The caller is woken and collects them by `poll`. Dead hosts cost no thread here
either.
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

_LEAVE_PATIENCE: Final = 5.0
"""Seconds that a jump host has to close a channel whose end it was told."""
_LOG: Final = logging.getLogger(__name__)


class JumpConnection(SshConnection):
    """SSH to a jump host: no commands, only ways to other hosts."""

    transport_type = ForwardingTransport

    @property
    def transport(self) -> ForwardingTransport:
        """Once it is established."""
        assert isinstance(self._transport, ForwardingTransport)  # noqa: S101 - it is of `transport_type`
        return self._transport


@dataclass(eq=False)
class _Opening:
    """A channel that was asked for, until its host says something."""

    ticket: int
    target: Target
    began: float
    deadline: float
    channel: paramiko.Channel | None = None
    connected: bool = False
    bell: Bell | None = field(default=None, repr=False)


@dataclass(frozen=True)
class DialAgain:
    """The jump host of a target is there now."""


Route = socket.socket | TunnelSocket | HostFault | DialAgain


class Tunnel:
    """Used by one thread, which `wake` wakes up. Each ticket that is dialled is told once by `poll`.

    What it gives away, the sockets of hosts behind it, may be used by any.
    """

    def __init__(self, jump: Target, limits: FleetLimits, login: Login, wake: Callable[[], object]) -> None:
        """Begins when `meet` says how it went to connect to `jump`."""
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
        self._asked: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._rung: SimpleQueue[int] = SimpleQueue()
        self._thread: Thread | None = None

    @property
    def in_flight(self) -> int:
        """Channels asked for whose hosts have said nothing yet."""
        return len(self._openings)

    @property
    def learnt_key(self) -> str | None:
        """The jump host's key, seen for the first time."""
        return self._connection.host_key if self._connection and self._jump.host_key is None else None

    def fresh(self) -> int:
        """Those so young that they may well be answered."""
        young = monotonic() - FRESH
        return sum(opening.began > young for opening in self._openings.values())

    def meet(self, result: socket.socket | HostFault) -> None:
        """The jump host was dialled: sign in there."""
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
            self._asked.put(partial(self._ask, opening))
        else:
            self._parked.append(ticket)

    def poll(self) -> list[tuple[int, Route]]:
        """Who is ready, has failed, or is to be dialled again; does not wait."""
        self._see_whether_it_lives()
        if self._fault:
            self._fail_all(self._fault)
        elif self._open:
            self._ready += [(ticket, DialAgain()) for ticket in self._parked]
            self._parked.clear()
        self._answer_bells()
        self._look_at_clock()
        self._close_left()
        ready, self._ready = self._ready, []
        return ready

    def _see_whether_it_lives(self) -> None:
        if self._connection is None or not self._open or self._fault:
            return
        if self._connection.transport.lost:
            self._fault = self._of_jump(HostFault(ErrorKind.CONNECTION_LOST))
        elif self._connection.transport.stuck() > self._limits.step_timeout:
            limit = f"took no more data for {self._limits.step_timeout:g} s"
            self._fault = self._of_jump(HostFault(ErrorKind.STALLED, limit))
            self._connection.abort()

    def unpark(self) -> list[int]:
        """Give up those for which nothing was done yet; returns the tickets."""
        parked, self._parked = self._parked, []
        return parked

    def hang_up(self) -> list[int]:
        """Give up all that is not ready, whose tickets it returns, and break what is. Never waits."""
        if self._connection:
            self._connection.abort()
        tickets = list(self._openings)
        self._openings.clear()
        return tickets

    def close(self) -> None:
        """Leave no thread and no open file."""
        self.hang_up()
        self._asked.put(None)
        if self._thread:
            self._thread.join()

    def _serve(self, connection: JumpConnection) -> None:
        """The tunnel's own thread: all that may have to wait for the jump host."""
        try:
            self._sign_in(connection)
            while self._fault is None and (step := self._asked.get()) is not None:
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

    def _ask(self, opening: _Opening) -> None:
        if self._connection is None or opening.ticket not in self._openings:
            return
        transport = self._connection.transport
        opening.channel = transport.new_channel(partial(self._ring, opening.ticket))
        transport.ask(opening.channel, opening.target.address, opening.target.port)

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
                self._look(opening)
            elif (late := self._late.pop(ticket, None)) and late.channel:
                self._leave(late.channel)

    def _look(self, opening: _Opening) -> None:
        """What has become of a channel."""
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
                ErrorKind.CONNECTION_LOST, "closed before it said anything", where=self._through
            )
            self._fail(opening, fault)

    def _look_at_clock(self) -> None:
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
        elif fault.kind is ErrorKind.TIMEOUT:  # should it be opened yet, it is to be closed
            self._late[opening.ticket] = opening

    def _fail_all(self, fault: HostFault) -> None:
        self._ready += [(ticket, fault) for ticket in (*self._parked, *self._openings)]
        self._parked.clear()
        self._openings.clear()

    def _socket(self, channel: paramiko.Channel) -> TunnelSocket:
        return TunnelSocket(channel, self._limits.step_timeout, self._trouble, self._leave)

    def _trouble(self) -> HostFault | None:
        """For those that are under way through it."""
        self._see_whether_it_lives()
        return self._fault

    def _leave(self, channel: paramiko.Channel) -> None:
        """End a channel: by its end of file first, as data may be on its way here.

        A jump host that is told to close it at once may take that data for an error (asyncssh's does).
        """
        if not channel.closed and channel.chanid not in self._leaving:
            self._leaving[channel.chanid] = (monotonic() + _LEAVE_PATIENCE, channel)
            self._asked.put(channel.shutdown_write)

    def _close_left(self) -> None:
        """What the jump host has not closed in time."""
        for number, (deadline, channel) in list(self._leaving.items()):
            if channel.closed or monotonic() >= deadline:
                del self._leaving[number]
                self._asked.put(channel.close)

    def _of_jump(self, fault: HostFault) -> HostFault:
        """What the hosts behind it are told; the key that it offered is kept, so that it can be accepted."""
        offered = self._connection.host_key if self._connection else None
        facts = {"offered_jump_key": offered} if offered and fault.kind is ErrorKind.HOST_KEY_CHANGED else {}
        return HostFault(fault.kind, fault.detail, facts, where=f"its jump host {self._jump.name}")

    @property
    def _through(self) -> str:
        return f"through its jump host {self._jump.name}"
