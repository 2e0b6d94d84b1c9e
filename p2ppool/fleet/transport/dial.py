"""Connects to many hosts in one thread: dead hosts cost an open file until their time-out, but no thread.

A host is passed on once its `SSH-` banner can be read (RFC 4253, 4.2); the banner stays in the socket.
"""

import errno
import os
import selectors
import socket
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import Final

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.host.target import Target

FRESH: Final = 0.3
"""Seconds in which a live host normally answers; until then a dial counts as one that will be served."""
_PEEK: Final = 1024
_RECHECK_SECONDS: Final = 0.1
_NO_ROUTE: Final = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EACCES, errno.EPERM}
    | {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL}
)
_OUT_OF_FILES: Final = frozenset({errno.EMFILE, errno.ENFILE})


@dataclass(slots=True, eq=False)
class _Dial:
    ticket: int
    sock: socket.socket
    began: float
    deadline: float
    connected: bool = False
    seen: bytes = b""


class OutOfFiles(Exception):  # noqa: N818 - a signal to the caller, not an error anyone sees
    """The process can't open any more files for now."""


class Dialer:
    """Dials with `dial`, reports with `poll`, both in the same thread.

    Each ticket is reported exactly once.
    """

    def __init__(self, limits: FleetLimits) -> None:
        self._limits = limits
        self._selector = selectors.DefaultSelector()
        self._dials: dict[int, _Dial] = {}
        self._ready: list[tuple[int, socket.socket | HostFault]] = []
        self._woken, self._wake = socket.socketpair()
        self._woken.settimeout(0)
        self._wake.settimeout(0)
        self._selector.register(self._woken, selectors.EVENT_READ)

    @property
    def in_flight(self) -> int:
        return len(self._dials)

    def fresh(self) -> int:
        """Count the dials so recent that they may well be answered."""
        young = monotonic() - FRESH
        return sum(dial.began > young for dial in self._dials.values())

    def dial(self, ticket: int, target: Target) -> None:
        """Begin to connect to `target`; `poll` returns `ticket` to identify it.

        Raises:
            OutOfFiles: not begun; try again when connections have been closed.
        """
        try:
            address = ip_address(target.address)
        except ValueError:
            self._ready.append((ticket, HostFault(ErrorKind.UNRESOLVED, target.address)))
            return
        try:
            sock = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)  # noqa: PLR2004
        except OSError as error:
            if error.errno in _OUT_OF_FILES:
                raise OutOfFiles from error
            self._ready.append((ticket, _fault(error)))
            return
        sock.settimeout(0)
        now = monotonic()
        dial = _Dial(ticket, sock, now, now + self._limits.connect_timeout)
        code = sock.connect_ex((target.address, target.port))
        self._dials[ticket] = dial
        if code in (0, errno.EINPROGRESS):
            self._selector.register(sock, selectors.EVENT_WRITE, dial)
        else:
            self._fail(dial, _fault(OSError(code, os.strerror(code))))

    def poll(self, timeout: float) -> list[tuple[int, socket.socket | HostFault]]:
        """Wait at most `timeout` seconds for something to happen;
        return the tickets that are ready or failed.
        """
        if self._ready:
            timeout = 0
        elif any(dial.seen for dial in self._dials.values()):
            timeout = min(timeout, _RECHECK_SECONDS)
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                with suppress(BlockingIOError):
                    self._woken.recv(_PEEK)
            elif key.data.connected:
                self._listen(key.data)
            else:
                self._connected(key.data)
        self._check_deadlines()
        ready, self._ready = self._ready, []
        return ready

    def wake(self) -> None:
        """Make a waiting `poll` return; safe in any thread and in signal handlers."""
        with suppress(OSError):  # full: it wakes up anyway; closed: nobody is waiting
            self._wake.send(b"!")

    def hang_up(self) -> list[int]:
        """Give up all dials that are not ready; return their tickets."""
        tickets = list(self._dials)
        for dial in list(self._dials.values()):
            self._release(dial)
            dial.sock.close()
        return tickets

    def close(self) -> None:
        self.hang_up()
        for _, result in self._ready:
            if isinstance(result, socket.socket):
                result.close()
        self._selector.close()
        self._woken.close()
        self._wake.close()

    def _connected(self, dial: _Dial) -> None:
        code = dial.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._fail(dial, _fault(OSError(code, os.strerror(code))))
            return
        _tune(dial.sock)
        dial.connected = True
        dial.deadline = monotonic() + self._limits.banner_timeout
        self._selector.modify(dial.sock, selectors.EVENT_READ, dial)

    def _listen(self, dial: _Dial) -> None:
        """Read what the server has sent, without consuming it."""
        try:
            received = dial.sock.recv(_PEEK, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(dial, _fault(error))
            return
        if received.startswith(b"SSH-") or b"\nSSH-" in received:
            self._release(dial)
            dial.sock.settimeout(None)
            self._ready.append((dial.ticket, dial.sock))
        elif len(received) == _PEEK:
            self._fail(dial, _not_ssh(received))
        elif not received:
            self._fail(dial, HostFault(ErrorKind.CONNECTION_LOST, "closed before it received anything"))
        else:
            self._wait_for_more(dial, received)

    def _wait_for_more(self, dial: _Dial, received: bytes) -> None:
        """Check again only after a delay, since unread bytes keep a socket readable."""
        if not dial.seen:
            self._selector.unregister(dial.sock)
        dial.seen = received

    def _check_deadlines(self) -> None:
        now = monotonic()
        for dial in list(self._dials.values()):
            if dial.seen:
                self._listen(dial)
            if now >= dial.deadline and dial.ticket in self._dials:
                self._fail(dial, self._too_late(dial))

    def _too_late(self, dial: _Dial) -> HostFault:
        if not dial.connected:
            return HostFault(ErrorKind.TIMEOUT, f"{self._limits.connect_timeout:g} s")
        if dial.seen:
            return _not_ssh(dial.seen)
        return HostFault(ErrorKind.SILENT, f"{self._limits.banner_timeout:g} s")

    def _fail(self, dial: _Dial, fault: HostFault) -> None:
        self._release(dial)
        dial.sock.close()
        self._ready.append((dial.ticket, fault))

    def _release(self, dial: _Dial) -> None:
        del self._dials[dial.ticket]
        with suppress(KeyError):
            self._selector.unregister(dial.sock)


def _tune(sock: socket.socket) -> None:
    """Send without delay, and notice a dead peer after about ten seconds instead of hours."""
    for level, option, value in (
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 3),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 10_000),
    ):
        sock.setsockopt(level, option, value)


def _fault(error: OSError) -> HostFault:
    if error.errno == errno.ECONNREFUSED:
        return HostFault(ErrorKind.REFUSED)
    if error.errno == errno.ETIMEDOUT:
        return HostFault(ErrorKind.TIMEOUT)
    if error.errno in _NO_ROUTE:
        return HostFault(ErrorKind.UNREACHABLE, str(error.strerror))
    return HostFault(ErrorKind.CONNECTION_LOST, str(error.strerror))


def _not_ssh(received: bytes) -> HostFault:
    return HostFault(ErrorKind.NOT_SSH, f"it sends {received[:60].decode('ascii', 'replace')!r}")
