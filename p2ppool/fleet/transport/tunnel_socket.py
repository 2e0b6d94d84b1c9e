"""A channel that a jump host forwards, as the socket of another SSH connection."""

import errno
from collections.abc import Callable
from time import monotonic

import paramiko

from p2ppool.fleet.host.outcome import ErrorKind, HostFault


class TunnelSocket:
    """The part of a socket's interface that paramiko uses."""

    def __init__(
        self,
        channel: paramiko.Channel,
        send_timeout: float,
        trouble: Callable[[], HostFault | None],
        leave: Callable[[paramiko.Channel], object],
    ) -> None:
        """Break when nothing could be sent for `send_timeout` seconds; paramiko would keep trying forever.

        `trouble` returns the jump host's own fault; `leave` ends the channel, without waiting.
        """
        self._channel = channel
        self._send_timeout = send_timeout
        self._trouble = trouble
        self._leave = leave
        self._waits_since: float | None = None
        self._stalled = False

    def transport_fault(self) -> HostFault | None:
        """Return the fault that broke it, if the host at its end did not."""
        if self._stalled:
            return self._trouble() or HostFault(
                ErrorKind.STALLED, f"took no more data for {self._send_timeout:g} s"
            )
        return self._trouble()

    @property
    def _closed(self) -> bool:
        """Paramiko reads this attribute of a socket."""
        return self._channel.closed

    def settimeout(self, seconds: float | None) -> None:
        """Set the time-out of each read and write."""
        self._channel.settimeout(seconds)

    def recv(self, size: int) -> bytes:
        """Receive like a socket: nothing at the end, TimeoutError when nothing came in time."""
        return self._channel.recv(size)

    def send(self, data: bytes) -> int:
        """Send like a socket; return how much was accepted."""
        try:
            sent = self._channel.send(data)
        except TimeoutError:
            self._waits_since = self._waits_since or monotonic()
            self._stalled = monotonic() - self._waits_since > self._send_timeout
            if self._stalled:
                raise BrokenPipeError(errno.EPIPE, "nothing could be sent") from None
            raise
        self._waits_since = None
        return sent

    def shutdown(self, _how: int) -> None:
        """Wake up the reader as if at the end of the stream; sends nothing, so it never waits.

        A writer notices within a second, since the transport checks that often whether it was closed.
        """
        self._channel.in_buffer.close()

    def close(self) -> None:
        """Have the jump host close its connection to the host."""
        self._channel.in_buffer.close()
        self._leave(self._channel)
