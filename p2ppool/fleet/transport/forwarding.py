"""Channels to other hosts (`direct-tcpip`, RFC 4254, 7.2), requested without waiting for the answers.

Paramiko's own `open_channel` needs a thread for each, and mixes up the answers if several are requested at
the same time.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import paramiko

from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.fleet.transport.handshake import FleetTransport
from p2ppool.fleet.transport.tunnel_socket import TunnelSocket

_CHANNEL_OPEN: Final = 90  # RFC 4254, 9
_OF_A_CHANNEL: Final = range(93, 101)  # window adjust, data … close; each names the other side's channel
_CHANNEL_CLOSE: Final = 97
_CONNECT_FAILED: Final = 2  # RFC 4254, 5.1


@dataclass(frozen=True)
class Refusal:
    """The reason why a channel was not opened."""

    reason: int
    text: str

    @property
    def kind(self) -> ErrorKind:
        """The kind of the host's outcome. OpenSSH's text is the system's error message."""
        if self.reason != _CONNECT_FAILED:
            return ErrorKind.FORWARDING_REFUSED
        if "refused" in self.text.lower():
            return ErrorKind.REFUSED
        return ErrorKind.TIMEOUT if "timed out" in self.text.lower() else ErrorKind.UNREACHABLE


class Bell:
    """Replaces a threading.Event in paramiko: calls `ring` where the event would be set."""

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring: Callable[[], object] | None = ring

    def set(self) -> None:
        """Ring; paramiko calls this with one of its locks held."""
        if self._ring:
            self._ring()

    def clear(self) -> None:
        """Do nothing."""

    def silence(self) -> None:
        """Stop ringing."""
        self._ring = None


class ForwardingTransport(FleetTransport):
    """SSH to a jump host."""

    # What paramiko has, but its stubs don't.
    active: bool
    channel_events: dict[int, Any]
    _channels: Any
    _next_channel: Callable[[], int]
    _send_user_message: Callable[[paramiko.Message], None]

    def __init__(self, sock: socket.socket | TunnelSocket, limits: FleetLimits, pinned: str | None) -> None:
        super().__init__(sock, limits, pinned)
        self.refusals: dict[int, Refusal] = {}
        """Keyed by the number of the channel."""
        self._closed_there: set[int] = set()
        self._in_order = threading.Lock()
        self._sending: dict[object, float] = {}
        self._sent_at = 0.0

    @property
    def lost(self) -> bool:
        """Whether it has ended. Channels learn this a moment before `active` changes."""
        return not self.active or self.saved_exception is not None

    def stuck(self) -> float:
        """Return for how many seconds a thread has been waiting to send while no thread could."""
        began = min(self._sending.copy().values(), default=None)
        return 0.0 if began is None else monotonic() - max(began, self._sent_at)

    def new_channel(self, ring: Callable[[], object]) -> paramiko.Channel:
        """Return a channel to request; `ring` is called once there is an answer."""
        with self.lock:
            number = self._next_channel()
            channel = paramiko.Channel(number)
            self._channels.put(number, channel)
            self.channel_events[number] = Bell(ring)
            self.channels_seen[number] = True
            prepared: Any = channel
            prepared._set_transport(self)  # noqa: SLF001 - as open_channel does
            prepared._set_window(self.default_window_size, self.default_max_packet_size)  # noqa: SLF001
        return channel

    def request(self, channel: paramiko.Channel, address: str, port: int) -> None:
        """Request the channel as a route to that port; raises what sending raises."""
        message = paramiko.Message()
        message.add_byte(bytes([_CHANNEL_OPEN]))
        message.add_string("direct-tcpip")
        message.add_int(channel.chanid)
        message.add_int(self.default_window_size)
        message.add_int(self.default_max_packet_size)
        message.add_string(address)
        message.add_int(port)
        message.add_string("127.0.0.1")  # the originator: there is none but this process
        message.add_int(0)
        self._send_user_message(message)

    def _send_message(self, message: paramiko.Message) -> None:
        """Send one message of any channel at a time, so that each waits for all before it."""
        mark = object()
        self._sending[mark] = monotonic()
        try:
            with self._in_order:
                if not self._is_late(message.asbytes()):
                    super()._send_message(message)  # type: ignore[misc] # unknown to the stubs, as above
        finally:
            del self._sending[mark]
            self._sent_at = monotonic()

    def _is_late(self, message: bytes) -> bool:
        """Return whether the message is for a closed channel; paramiko checks that a moment before it sends.

        A jump host treats such a message as a protocol violation and ends the whole connection (RFC 4254,
        5.3).
        """
        if not message or message[0] not in _OF_A_CHANNEL:
            return False
        number = int.from_bytes(message[1:5], "big")
        late = number in self._closed_there
        if message[0] == _CHANNEL_CLOSE:
            self._closed_there.add(number)
        return late

    def _parse_channel_open_success(self, message: paramiko.Message) -> None:
        """Forget a number that the jump host reuses after its channel was closed on both sides."""
        self._closed_there.discard(int.from_bytes(message.get_remainder()[4:8], "big"))
        super()._parse_channel_open_success(message)  # type: ignore[misc] # unknown to the stubs, as above

    def _parse_channel_open_failure(self, message: paramiko.Message) -> None:
        """Keep the reason with its channel; paramiko has one place for the reasons of all."""
        number, reason, text = message.get_int(), message.get_int(), message.get_text()
        with self.lock:
            bell = self.channel_events.pop(number, None)
            if bell is not None:
                self._channels.delete(number)
                self.refusals[number] = Refusal(reason, text)
                bell.set()
