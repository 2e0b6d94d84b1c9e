"""The gateway: the local node's XML-RPC service, through which the manager reaches every node."""

import threading
from typing import Self

from p2ppool.overlay.errors import GatewayMalformedError, GatewayUnreachableError
from p2ppool.overlay.wire import GatewayConnection

_PATH = "/xm.rem"
_EXACT_OR_NEAREST = 3
"""Brunet's sender option for greedy routing; for an address that no node has,
the nearest live node answers.
"""

_ONE_RESULT = 1
"""Results to wait for. With two, even a healthy node would be waited for until the gateway's own time-out."""


class Gateway:
    """Client of one local node.

    Threads may share it: each has its own connection, as answers on a shared one get mixed up. Every method
    raises `GatewayError` in one of its kinds.

    Args:
        host: address of the local node's XML-RPC.
        port: its TCP port.
        timeout: seconds that a call may take from connecting to the last byte, unless the call sets its own.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 10000, timeout: float = 10.0) -> None:
        self.host = host
        self.port = port
        self.timeout = timeout
        self._lock = threading.Lock()
        self._own = threading.local()
        self._connections: set[GatewayConnection] = set()
        self._closed = False

    def neighbours(self, timeout: float | None = None) -> dict[str, object]:
        """Return the local node's neighbours as it names them (``sys:link.GetNeighbors``)."""
        return _mapping(self._call("localproxy", "sys:link.GetNeighbors", timeout=timeout))

    def local_info(self, timeout: float | None = None) -> dict[str, object]:
        """Return the local node's description of itself (``Information.Info``)."""
        return _mapping(self._call("localproxy", "Information.Info", timeout=timeout))

    def info(self, address: str, timeout: float | None = None) -> dict[str, object] | None:
        """Return the description by the node that answers for `address`; None if the overlay gave up on it.

        The caller has to check that this very node answered: compare `neighbors.self`.
        """
        return self._remote(address, "Information.Info", timeout)

    def disconnect(self) -> None:
        """Drop all connections. PendingCalls of other threads end as unreachable; later calls reconnect."""
        with self._lock:
            connections, self._connections = self._connections, set()
            self._own = threading.local()
        for connection in connections:
            connection.give_up()

    def close(self) -> None:
        """Drop all connections and accept no more calls. May be called repeatedly and from any thread."""
        with self._lock:
            self._closed = True
        self.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _remote(self, address: str, method: str, timeout: float | None) -> dict[str, object] | None:
        call = (address, _EXACT_OR_NEAREST, _ONE_RESULT, method)
        results = self._call("proxy", *call, timeout=timeout)
        if not isinstance(results, list):
            raise GatewayMalformedError(f"expected a list of results, not {type(results).__name__}")
        return _mapping(results[0]) if results else None

    def _call(self, method: str, *params: str | int, timeout: float | None) -> object:
        seconds = self.timeout if timeout is None else timeout
        return self._connection().call(_PATH, method, params, seconds)

    def _connection(self) -> GatewayConnection:
        with self._lock:
            if self._closed:
                raise GatewayUnreachableError("this gateway client has been closed")
            connection: GatewayConnection | None = getattr(self._own, "connection", None)
            if connection is None:
                connection = self._own.connection = GatewayConnection(self.host, self.port)
                self._connections.add(connection)
            return connection


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise GatewayMalformedError(f"expected a struct, not {type(value).__name__}")
    return value
