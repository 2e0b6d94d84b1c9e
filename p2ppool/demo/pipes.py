"""Pipes between a demo host and a command.

Those of asyncio's own subprocesses can't be closed without killing the process, and hide the end of a process
until all others that hold its standard input have closed it.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 64 * 1024


@asynccontextmanager
async def input_pipe() -> AsyncIterator[tuple[int, asyncio.StreamWriter]]:
    """Open a pipe; yield the end that a command reads from, which the caller closes, and a writer to it.

    Leaving the context ends the command's input.
    """
    read_end, write_end = os.pipe()
    loop = asyncio.get_running_loop()
    # Nothing is ever read: the protocol is needed for its flow control, which `drain` uses.
    protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(write_end, "wb", buffering=0))
    try:
        yield read_end, asyncio.StreamWriter(transport, protocol, None, loop)
    finally:
        transport.close()


@asynccontextmanager
async def output_pipe() -> AsyncIterator[tuple[int, asyncio.StreamReader]]:
    """Open a pipe; yield the end that a command writes to, which the caller closes, and a reader of it.

    Leaving the context sends SIGPIPE to processes that keep writing.
    """
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader(limit=CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(read_end, "rb", buffering=0))
    try:
        yield write_end, reader
    finally:
        transport.close()
