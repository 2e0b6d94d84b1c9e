"""A channel that a jump host forwards, as the socket of another SSH connection."""

import errno
from collections.abc import Callable
from time import monotonic

import paramiko

from p2ppool.fleet.host.outcome import ErrorKind, HostFault


class TunnelSocket:
    """As much of a socket as paramiko uses of one."""

    def __init__(
        self,
        channel: paramiko.Channel,
        patience: float,
        trouble: Callable[[], HostFault | None],
        leave: Callable[[paramiko.Channel], object],
    ) -> None:
        """Breaks when nothing could be sent for `patience` seconds, as paramiko would go on trying for ever.

        `trouble` tells what the jump host itself suffers from; `leave` ends the channel, without waiting.
        """
        self._channel = channel
        self._patience = patience
        self._trouble = trouble
        self._leave = leave
        self._waits_since: float | None = None
        self._stalled = False

    def fault_on_the_way(self) -> HostFault | None:
        """What broke it, if that was not the host at its end."""
        if self._stalled:
            return self._trouble() or HostFault(
                ErrorKind.STALLED, f"took no more data for {self._patience:g} s"
            )
        return self._trouble()

    @property
    def _closed(self) -> bool:
        """Paramiko looks at this attribute of a socket."""
        return self._channel.closed

    def settimeout(self, seconds: float | None) -> None:
        """For each read and write."""
        self._channel.settimeout(seconds)

    def recv(self, size: int) -> bytes:
        """As of a socket: none at the end, TimeoutError when nothing came in time."""
        return self._channel.recv(size)

    def send(self, data: bytes) -> int:
        """As of a socket: how much was taken."""
        try:
            sent = self._channel.send(data)
        except TimeoutError:
            self._waits_since = self._waits_since or monotonic()
            self._stalled = monotonic() - self._waits_since > self._patience
            if self._stalled:
                raise BrokenPipeError(errno.EPIPE, "nothing could be sent") from None
            raise
        self._waits_since = None
        return sent

    def shutdown(self, _how: int) -> None:
        """Wake up whoever reads, as it were at the end; sends nothing, so it never waits.

        Who writes notices within a second, as the transport on it looks that often whether it was closed.
        """
        self._channel.in_buffer.close()

    def close(self) -> None:
        """Have the jump host end its connection to the host."""
        self._channel.in_buffer.close()
        self._leave(self._channel)
