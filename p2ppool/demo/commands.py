"""One command on a demo host: a real process; streams, signals and exit status travel over an SSH channel.

When a connection is dropped, a command experiences what it does under OpenSSH without a terminal: its
standard input ends and its output pipes close. No signal is sent: a command that should end with the
connection must watch its standard input.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncssh

from p2ppool.demo.events import Event
from p2ppool.demo.pipes import CHUNK, input_pipe, output_pipe
from p2ppool.demo.slow_link import SlowLink

_SHELL = "/bin/sh"

Channel = asyncssh.SSHServerProcess[bytes]
Note = Callable[[Event], None]


async def run(
    channel: Channel, *, home: Path, environment: dict[str, str], note: Note, link: SlowLink | None = None
) -> None:
    """Run the command of `channel` in `home`, as a session of its own, and report its end to the client.

    `note` is called when the process starts and ends; its input comes over `link`, or at full speed if None.
    """
    async with input_pipe() as (in_end, stdin):
        async with output_pipe() as (out_end, out), output_pipe() as (err_end, err):
            child = await _start(channel.command, (in_end, out_end, err_end), home, environment, note)
            ending = asyncio.create_task(_end_of(child, note))
            feeding = asyncio.create_task(_input(channel, child, stdin, link))
            await _until_gone(channel, _answer(channel, out, err))
        status = await ending
        feeding.cancel()
    _report_end(channel, status)


async def _start(
    command: str | None, streams: tuple[int, int, int], home: Path, environment: dict[str, str], note: Note
) -> asyncio.subprocess.Process:
    """Start the process; `streams`, its standard input, output and error, are closed here."""
    note("command")  # before it runs, so that this precedes everything it does
    arguments = [_SHELL] if command is None else [_SHELL, "-c", command]
    stdin, stdout, stderr = streams
    try:
        return await asyncio.create_subprocess_exec(
            *arguments,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=home,
            env=environment,
            start_new_session=True,
        )
    except BaseException:
        note("ended")
        raise
    finally:
        for stream in streams:
            os.close(stream)


async def _end_of(child: asyncio.subprocess.Process, note: Note) -> int:
    try:
        return await child.wait()
    finally:  # it is cancelled only when the hosts stop, after everything that they had started has ended
        note("ended")


async def _until_gone(channel: Channel, work: Coroutine[Any, Any, None]) -> None:
    """Do `work`, but only as long as the client is connected."""
    working = asyncio.create_task(work)
    gone = asyncio.create_task(channel.wait_closed())
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        gone.cancel()


async def _input(
    channel: Channel, child: asyncio.subprocess.Process, stdin: asyncio.StreamWriter, link: SlowLink | None
) -> None:
    """Feed the command from the client; over a slow link,
    what is in transit when the client leaves is lost.
    """
    feeding = _feed(channel, child, stdin, link)
    await (_until_gone(channel, feeding) if link else feeding)


async def _feed(
    channel: Channel, child: asyncio.subprocess.Process, stdin: asyncio.StreamWriter, link: SlowLink | None
) -> None:
    """Feed the command until the client ends its input or is gone."""
    try:
        with suppress(OSError, asyncssh.Error):  # the client is gone, or the command has stopped reading
            while data := await _next_input(channel, child, link.piece if link else CHUNK):
                if link:
                    await link.carry(len(data))
                    _notice_end(channel)
                stdin.write(data)
                await stdin.drain()
    finally:
        stdin.close()


def _notice_end(channel: Channel) -> None:
    """Notice early that the client closes the channel: over a slow link that would queue behind its input."""
    if channel.is_closing():
        channel.channel.abort()


async def _next_input(channel: Channel, child: asyncio.subprocess.Process, size: int) -> bytes:
    while True:
        try:
            return await channel.stdin.read(size)
        except asyncssh.SignalReceived as received:
            number = signal.Signals.__members__.get(f"SIG{received.signal}")
            if number is not None and child.returncode is None:
                os.killpg(child.pid, number)


async def _answer(channel: Channel, out: asyncio.StreamReader, err: asyncio.StreamReader) -> None:
    await asyncio.gather(_forward(out, channel.stdout), _forward(err, channel.stderr))


async def _forward(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()


def _report_end(channel: Channel, status: int) -> None:
    """Report the exit status to the client; do nothing if it is gone."""
    if status < 0:
        channel.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
    else:
        channel.exit(status)
