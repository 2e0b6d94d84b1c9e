"""Broken servers on loopback, for an ordinary user; each tells the (address, port) at which it can be met."""

import asyncio
import socket
import struct
import threading
from contextlib import ExitStack, contextmanager

_CHUNK = 16 * 1024
_STEP = 0.05  # seconds


@contextmanager
def refused():
    """An address that nothing listens on, kept from other processes."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()


@contextmanager
def swallowed():
    """An address whose accept queue is full: the kernel drops what would connect, as if nobody were there."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        while True:
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0.2)
            try:
                filler.connect(listener.getsockname())
            except TimeoutError:
                break
        yield listener.getsockname()


class _Server:
    """Answers connections on a free loopback port, in a thread of its own."""

    def __init__(self, port=0):
        self.address = None
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self.address = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self):
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self._port)
        return self._server.sockets[0].getsockname()

    async def _end(self):
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _meet(self, reader, writer):
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over
        finally:
            writer.transport.abort()

    async def _answer(self, reader, writer):
        raise NotImplementedError


class Banner(_Server):
    """Accepts, says `text` (nothing: a silent host) and then waits; or says it over and over."""

    def __init__(self, text=b"", *, endless=False):
        super().__init__()
        self._text = text
        self._endless = endless

    async def _answer(self, reader, writer):
        writer.write(self._text)
        while self._endless:
            await writer.drain()
            writer.write(self._text)
        await reader.read()


class Proxy(_Server):
    """Stands before `target` and breaks each connection on its way to it.

    After `cut_after` bytes from the client it gets a reset and the target an end. After `stall_after` bytes
    no more get through, and the connection stays open. `bytes_per_second` slows down what the client sends.
    """

    def __init__(self, target, *, cut_after=None, stall_after=None, bytes_per_second=None, port=0):
        super().__init__(port)
        self._target = target
        self._limit = cut_after if cut_after is not None else stall_after
        self._cut = cut_after is not None
        self.bytes_per_second = bytes_per_second

    async def _answer(self, reader, writer):
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        back = asyncio.create_task(_pass_on(server_reader, writer))
        try:
            if await self._send_up(reader, server_writer):
                await back
            elif self._cut:
                await _cut(writer, server_writer)
            else:
                await back  # stalled
        finally:
            back.cancel()
            server_writer.transport.abort()

    async def _send_up(self, reader, writer):
        """Pass on what the client sends. False when the limit is reached."""
        left = self._limit
        while left is None or left > 0:
            data = await reader.read(min(_CHUNK, _CHUNK if left is None else left))
            if not data:
                writer.write_eof()
                return True
            writer.write(data)
            await writer.drain()
            left = None if left is None else left - len(data)
            await self._take_time(len(data))
        return False

    async def _take_time(self, count):
        """As long as `count` bytes take, at a speed that may change meanwhile; None: none at all."""
        while count > 0 and self.bytes_per_second:
            count -= self.bytes_per_second * _STEP
            await asyncio.sleep(_STEP)


async def _cut(writer, server_writer):
    """A reset for the client; the server sees its end only after what was sent."""
    server_writer.close()
    await server_writer.wait_closed()
    reset_on_close = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_on_close)


async def _pass_on(reader, writer):
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
