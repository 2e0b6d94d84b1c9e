"""One command on a demo host: a real process; streams, signals and exit status travel over an SSH channel.

A dropped connection does to a command what OpenSSH does to one without a terminal: its standard input ends
and its output pipes close. No signal is sent: what is to end with the connection must watch standard input.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncssh

_CHUNK = 64 * 1024
_SHELL = "/bin/sh"

Channel = asyncssh.SSHServerProcess[bytes]


async def run(channel: Channel, *, home: Path, environment: dict[str, str]) -> None:
    """Run what `channel` asks for in `home`, as a session of its own, and tell the client how it ended."""
    async with _output_pipe() as (out_end, out), _output_pipe() as (err_end, err):
        try:
            child = await _start(channel.command, out_end, err_end, home, environment)
        finally:
            os.close(out_end)
            os.close(err_end)
        feeding = asyncio.create_task(_feed(channel, child))
        await _answer_until_gone(channel, out, err)
    status = await child.wait()
    feeding.cancel()
    _tell_end(channel, status)


async def _start(
    command: str | None, stdout: int, stderr: int, home: Path, environment: dict[str, str]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *([_SHELL] if command is None else [_SHELL, "-c", command]),
        stdin=asyncio.subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        cwd=home,
        env=environment,
        start_new_session=True,
    )


async def _feed(channel: Channel, child: asyncio.subprocess.Process) -> None:
    """Client to command, until the client ends its input or is gone."""
    stdin = child.stdin
    if stdin is None:
        raise TypeError("the command was started without a pipe as standard input")
    with suppress(OSError, asyncssh.Error):  # the client is gone, or the command reads no further
        while data := await _next_input(channel, child):
            stdin.write(data)
            await stdin.drain()
    stdin.close()


async def _next_input(channel: Channel, child: asyncio.subprocess.Process) -> bytes:
    while True:
        try:
            return await channel.stdin.read(_CHUNK)
        except asyncssh.SignalReceived as asked:
            number = signal.Signals.__members__.get(f"SIG{asked.signal}")
            if number is not None and child.returncode is None:
                os.killpg(child.pid, number)


async def _answer_until_gone(channel: Channel, out: asyncio.StreamReader, err: asyncio.StreamReader) -> None:
    answering = asyncio.create_task(_answer(channel, out, err))
    gone = asyncio.create_task(channel.wait_closed())
    await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
    answering.cancel()
    gone.cancel()


async def _answer(channel: Channel, out: asyncio.StreamReader, err: asyncio.StreamReader) -> None:
    await asyncio.gather(_forward(out, channel.stdout), _forward(err, channel.stderr))


async def _forward(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    with suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()


def _tell_end(channel: Channel, status: int) -> None:
    """Does nothing when the client is gone."""
    if status < 0:
        channel.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
    else:
        channel.exit(status)


@asynccontextmanager
async def _output_pipe() -> AsyncIterator[tuple[int, asyncio.StreamReader]]:
    """The end that a command writes to, and a reader of the other; leaving it sends SIGPIPE to writers.

    The pipes of asyncio's own subprocesses can't be closed without killing the process.
    """
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader(limit=_CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(read_end, "rb", buffering=0))
    try:
        yield write_end, reader
    finally:
        transport.close()
