"""The running process: one thread runs the nodes by socket and clock, others serve XML-RPC."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from typing import Any, Coroutine, List, Optional, TypeVar

from . import address, config, udp
from .calls import REPLY_TIMEOUT
from .config import Config, StartError
from .gateway import HOST, Gateway
from .node import RpcError
from .process import Process
from .wire import Endpoint, Reply

log = logging.getLogger("p2pnode")
asyncio_log = logging.getLogger("asyncio")

TICK = 0.1
FAREWELLS = 3
FAREWELL_PAUSE = 0.05
"""Seconds between the good-byes, which are sent repeatedly since UDP loses packets."""

Result = TypeVar("Result")


class Service:
    """`count` nodes that run according to `settings`; the gateway's threads reach the nodes through it.

    Raises:
        StartError: a port is taken, or the node's address cannot be written to the NodeConfig.
    """

    def __init__(self, settings: Config, count: int) -> None:
        self._settings = settings
        self._port = udp.Port(settings.udp_port)
        self._gateway = self._open_gateway()
        self._addresses = _addresses(settings, count)
        self._seeds: List[Endpoint] = [self._port.inside()] if count > 1 else []
        self._process = Process(settings.namespace, self._addresses, self._seeds, self._port.send)
        self._process.local_ips = self._port.local_ips(settings.remotes)
        self._process.transports = self._port.transports(settings.remotes)
        self._loop = asyncio.new_event_loop()
        self._loop.add_signal_handler(signal.SIGINT, self._loop.stop)

    def run(self) -> None:
        """Run until SIGINT, then leave the overlay gracefully. SIGTERM ends the process at once."""
        self._loop.add_reader(self._port, self._read)
        self._start_thread(self._find_seeds)
        if self._gateway:
            self._start_thread(self._gateway.serve_forever)
        self._tick()
        self._loop.run_forever()
        self._leave()
        asyncio_log.disabled = True  # pending calls end with the process, and need no warnings

    def addresses(self) -> List[int]:
        """List the nodes of this process, the first one first."""
        return self._addresses

    def local(self, node: int, method: str) -> Any:
        """Return the answer of `node` itself to `method`, from another thread; raises RpcError."""
        return self._from_thread(self._local(node, method))

    def proxy(self, node: int, target: int, most: int, method: str) -> List[Any]:
        """Return the answers of the node nearest to `target`, from another thread; raises RpcError.

        Waits as Brunet does: at most REPLY_TIMEOUT for one answer, and all that time if more are requested.
        """
        return self._from_thread(self._proxy(node, target, most, method))

    async def _local(self, node: int, method: str) -> Any:
        return self._process.answer(self._process.nodes[node], method)

    async def _proxy(self, node: int, target: int, most: int, method: str) -> List[Any]:
        until = time.monotonic() + REPLY_TIMEOUT
        waiting: "asyncio.Future[Optional[Reply]]" = self._loop.create_future()
        self._process.nodes[node].call(target, method, waiting.set_result, time.monotonic())
        reply = await waiting
        if reply and reply.fault:
            raise RpcError(*reply.fault)
        if most != 1:
            await asyncio.sleep(until - time.monotonic())
        return [reply.value] if reply else []

    def _from_thread(self, work: "Coroutine[Any, Any, Result]") -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _read(self) -> None:
        now = time.monotonic()
        for data, source in self._port.receive():
            self._process.receive(data, source, now)

    def _tick(self) -> None:
        self._loop.call_later(TICK, self._tick)
        self._process.tick(time.monotonic())

    def _leave(self) -> None:
        for _ in range(FAREWELLS):
            self._process.leave(time.monotonic())
            time.sleep(FAREWELL_PAUSE)
        self._port.close()

    def _open_gateway(self) -> Optional[Gateway]:
        port = self._settings.xmlrpc_port
        if port is None:
            return None
        try:
            gateway = Gateway(port, self)
        except OSError as error:
            reason = error.strerror or error
            raise StartError("cannot listen on XML-RPC port %d of %s: %s" % (port, HOST, reason)) from None
        log.info("XML-RPC on port %d of %s", gateway.server_address[1], HOST)
        return gateway

    def _find_seeds(self) -> None:
        """Resolve the seeds in a thread of its own, since names may take long to resolve."""
        for remote in self._settings.remotes:
            try:
                seed = udp.resolve(*remote)
            except (OSError, UnicodeError) as error:
                log.warning("RemoteTA %s:%d is ignored: %s", *remote, error)
            else:
                self._loop.call_soon_threadsafe(self._seeds.append, seed)

    def _start_thread(self, work: Any) -> None:
        threading.Thread(target=work, daemon=True).start()


def _addresses(settings: Config, count: int) -> List[int]:
    """Return the nodes' addresses; the first is written to the NodeConfig if that has none."""
    first = settings.address
    if first is None:
        first = address.new()
        config.write_address(settings.path, first)
    return [address.sibling(first, index) for index in range(count)]
