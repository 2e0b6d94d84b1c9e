"""XML-RPC over HTTP to an untrusted peer: limited in time, in size, and in the features of XML."""

import contextlib
import http.client
import socket
import threading
import time
from typing import Any
from xmlrpc.client import Fault, dumps

from p2ppool import xml_rpc
from p2ppool.errors import one_line
from p2ppool.overlay.errors import (
    GatewayError,
    GatewayFaultError,
    GatewayMalformedError,
    GatewayTimeoutError,
    GatewayUnreachableError,
)

ANSWER_LIMIT = 256 * 1024
"""The largest body of one answer, in bytes. A node's full description takes less than 4 KiB."""

_CHUNK = 16 * 1024


class _DeadlineSocket(socket.socket):
    """A socket whose reads share one deadline, so that a peer that drips bytes cannot prolong a call."""

    deadline = 0.0

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        return super().recv_into(*args, **kwargs)


class GatewayConnection(http.client.HTTPConnection):
    """One HTTP connection for one thread; `call` may be used repeatedly, even after an error."""

    sock: _DeadlineSocket | None

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._lock = threading.Lock()
        self._busy = False
        self._given_up = False

    def connect(self) -> None:
        """Connect within `self.timeout` seconds."""
        plain = socket.create_connection((self.host, self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = _DeadlineSocket(plain.family, plain.type, plain.proto, plain.detach())

    def call(self, path: str, method: str, params: tuple[str | int, ...], seconds: float) -> object:
        """Call `method` and return its value.

        Raises:
            GatewayError: in one of its four kinds.
        """
        request = dumps(params, method).encode()
        with self._lock:
            self._busy = True
        try:
            return decode(self._exchange(path, request, time.monotonic() + seconds))
        finally:
            self._settle()

    def give_up(self) -> None:
        """Stop using this connection; safe in any thread: a waiting call ends as unreachable."""
        with self._lock:
            self._given_up = True
            sock = self.sock
            if not self._busy:
                self.close()
            elif sock is not None:
                with contextlib.suppress(OSError):  # the peer was faster
                    sock.shutdown(socket.SHUT_RDWR)

    def _settle(self) -> None:
        with self._lock:
            self._busy = False
            if self._given_up:
                self.close()

    def _exchange(self, path: str, request: bytes, deadline: float) -> bytes:
        kept_alive = self.sock is not None
        try:
            return self._send_and_read(path, request, deadline)
        except BaseException as error:
            self.close()  # a late answer on this connection would pass for the next call's
            if kept_alive and isinstance(error, ConnectionError):
                # The peer may close a kept-alive connection at any time. All methods only read, so repeat the
                # call.
                return self._exchange(path, request, deadline)
            if isinstance(error, OSError | http.client.HTTPException):
                raise self._explained(error) from error
            raise

    def _send_and_read(self, path: str, request: bytes, deadline: float) -> bytes:
        sock = self._ready_socket(max(deadline - time.monotonic(), 0.001))
        sock.deadline = deadline
        self.request("POST", path, request, {"Content-Type": "text/xml"})
        with self.getresponse() as response:
            return _body(response)

    def _ready_socket(self, seconds: float) -> _DeadlineSocket:
        self.timeout = seconds
        if self.sock is None and not self._given_up:
            self.connect()
        sock = self.sock
        if sock is None or self._given_up:
            raise ConnectionAbortedError("the connection was given up")
        sock.settimeout(seconds)
        return sock

    def _explained(self, error: OSError | http.client.HTTPException) -> GatewayError:
        if isinstance(error, TimeoutError):
            return GatewayTimeoutError("no answer in time")
        if isinstance(error, OSError):
            return GatewayUnreachableError(
                f"the local node's XML-RPC at http://{self.host}:{self.port} cannot be reached "
                f"({one_line(error, 100)}): is the local node running?"
            )
        return GatewayMalformedError(f"not an HTTP answer: {type(error).__name__}")


def _body(response: http.client.HTTPResponse) -> bytes:
    if response.status != http.HTTPStatus.OK:
        raise GatewayMalformedError(f"HTTP status {response.status} instead of an XML-RPC answer")
    body = bytearray()
    while chunk := response.read(_CHUNK):
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise GatewayMalformedError(f"answer of more than {ANSWER_LIMIT} bytes")
    return bytes(body)


def decode(body: bytes) -> object:
    """Decode the one value of an XML-RPC answer.

    Raises:
        GatewayFaultError: the answer is a fault.
        GatewayMalformedError: it is not an XML-RPC answer.
    """
    try:
        (value,) = xml_rpc.read(body).values
    except Fault as fault:
        raise GatewayFaultError(fault.faultCode, fault.faultString) from None
    except ValueError as error:
        raise GatewayMalformedError(f"not an XML-RPC answer: {one_line(error, 100)}") from error
    return value
