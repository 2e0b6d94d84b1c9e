"""Channels to other hosts (`direct-tcpip`, RFC 4254, 7.2), asked for without waiting for the answers.

Paramiko's own `open_channel` takes a thread for each, and mixes up the answers where several are asked for at
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
    """Why a channel was not opened."""

    reason: int
    text: str

    @property
    def kind(self) -> ErrorKind:
        """In the terms of an outcome. OpenSSH's text is that of its system's error."""
        if self.reason != _CONNECT_FAILED:
            return ErrorKind.FORWARDING_REFUSED
        if "refused" in self.text.lower():
            return ErrorKind.REFUSED
        return ErrorKind.TIMEOUT if "timed out" in self.text.lower() else ErrorKind.UNREACHABLE


class Bell:
    """Takes the place of a threading.Event in paramiko: calls `ring` where that would be set."""

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring: Callable[[], object] | None = ring

    def set(self) -> None:
        """Something has happened; called with a lock of paramiko's held."""
        if self._ring:
            self._ring()

    def clear(self) -> None:
        """Nothing to do."""

    def silence(self) -> None:
        """Ring no more."""
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
        """By the number of the channel."""
        self._closed_there: set[int] = set()
        self._in_order = threading.Lock()
        self._sending: dict[object, float] = {}
        self._sent_at = 0.0

    @property
    def lost(self) -> bool:
        """Whether it has ended. Channels are told so a moment before `active` is."""
        return not self.active or self.saved_exception is not None

    def stuck(self) -> float:
        """Seconds for which somebody has waited to send and nobody could."""
        began = min(self._sending.copy().values(), default=None)
        return 0.0 if began is None else monotonic() - max(began, self._sent_at)

    def new_channel(self, ring: Callable[[], object]) -> paramiko.Channel:
        """A channel to ask for; `ring` is called once there is an answer."""
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

    def ask(self, channel: paramiko.Channel, address: str, port: int) -> None:
        """Ask for it as a way to that port; raises what sending raises."""
        message = paramiko.Message()
        message.add_byte(bytes([_CHANNEL_OPEN]))
        message.add_string("direct-tcpip")
        message.add_int(channel.chanid)
        message.add_int(self.default_window_size)
        message.add_int(self.default_max_packet_size)
        message.add_string(address)
        message.add_int(port)
        message.add_string("127.0.0.1")  # whose connection it is: nobody's, it is ours
        message.add_int(0)
        self._send_user_message(message)

    def _send_message(self, message: paramiko.Message) -> None:
        """Of whatever channel; one after the other, so that each waits for all before it."""
        mark = object()
        self._sending[mark] = monotonic()
        try:
            with self._in_order:
                if not self._comes_late(message.asbytes()):
                    super()._send_message(message)  # type: ignore[misc] # unknown to the stubs, as above
        finally:
            del self._sending[mark]
            self._sent_at = monotonic()

    def _comes_late(self, message: bytes) -> bool:
        """Whether it is for a channel that was closed, as paramiko looks a moment before it sends.

        A jump host takes that for a breach of the protocol and ends the whole connection (RFC 4254, 5.3).
        """
        if not message or message[0] not in _OF_A_CHANNEL:
            return False
        number = int.from_bytes(message[1:5], "big")
        late = number in self._closed_there
        if message[0] == _CHANNEL_CLOSE:
            self._closed_there.add(number)
        return late

    def _parse_channel_open_success(self, message: paramiko.Message) -> None:
        """The jump host may give a number again once its channel is closed on both sides."""
        self._closed_there.discard(int.from_bytes(message.get_remainder()[4:8], "big"))
        super()._parse_channel_open_success(message)  # type: ignore[misc] # unknown to the stubs, as above

    def _parse_channel_open_failure(self, message: paramiko.Message) -> None:
        """Keeps the reason with the channel, where paramiko has one place for those of all."""
        number, reason, text = message.get_int(), message.get_int(), message.get_text()
        with self.lock:
            bell = self.channel_events.pop(number, None)
            if bell is not None:
                self._channels.delete(number)
                self.refusals[number] = Refusal(reason, text)
                bell.set()
