"""The process that is all demo hosts at once. Everything that was started through them ends when it ends."""

import argparse
import asyncio
import fcntl
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket

from p2ppool.demo.events import EventLog
from p2ppool.demo.listeners import claim, host_addresses
from p2ppool.demo.open_files import allow_files
from p2ppool.demo.processes import end_all
from p2ppool.demo.slow_link import refuse_bad_rate
from p2ppool.errors import UserError

COUNT = 8
FIRST_ADDRESS = "127.77.0.1"
PORT = 22077
_KEY_LINE_LIMIT = 16 * 1024


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hosts until SIGINT, SIGTERM or the end of standard input; return 2 after one line of error."""
    try:
        _run(_options(argv))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def token_of(folder: Path) -> str:
    """Return the marker of all processes started through the hosts of `folder`;
    it lasts as long as the folder.
    """
    path = folder / "token"
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return path.read_text()


def host_folders(folder: Path, count: int) -> list[Path]:
    """Return the folder of each host below that of all: for its key, its home and its events."""
    return [folder.absolute() / f"host-{number}" for number in range(1, count + 1)]


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m p2ppool.demo.hosts",
        description="SSH hosts on loopback addresses, until Ctrl-C.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--folder", type=Path, required=True, help="folder for every host's key, home and events"
    )
    parser.add_argument(
        "--authorized-key", type=Path, required=True, help="file with the one public key line"
    )
    parser.add_argument("--count", type=int, default=COUNT, help="how many hosts")
    parser.add_argument("--first-address", default=FIRST_ADDRESS, help="the others follow it")
    parser.add_argument(
        "--port", type=int, default=PORT, help="port of all hosts; 0: any that is free on all addresses"
    )
    parser.add_argument(
        "--bytes-per-second",
        type=int,
        help="bytes per second that each connection delivers to commands; None: at full speed",
    )
    parser.add_argument("--while-stdin-open", action="store_true", help="also end when standard input ends")
    return parser.parse_args(argv)


def _run(options: argparse.Namespace) -> None:
    addresses = host_addresses(options.first_address, options.count)
    refuse_bad_rate(options.bytes_per_second)
    key = _key_line(options.authorized_key)
    allow_files(options.count)
    with _sole_use(options.folder), ExitStack() as stack:
        token = token_of(options.folder)
        end_all(token)  # orphans of a run that was killed together with its starter
        listeners = [stack.enter_context(listener) for listener in claim(addresses, options.port)]
        folders = host_folders(options.folder, options.count)
        logs = [stack.enter_context(EventLog(folder)) for folder in folders]
        asyncio.run(_serve(options, listeners, logs, key))


async def _serve(
    options: argparse.Namespace, listeners: Sequence[socket], logs: Sequence[EventLog], key: str
) -> None:
    try:
        from p2ppool.demo import ssh_server  # noqa: PLC0415 - asyncssh is only in the extra `demo`
    except ModuleNotFoundError as error:
        raise UserError("the demo's SSH hosts need asyncssh: pip install 'p2ppool[demo]'") from error
    token = token_of(options.folder)
    hosts = [
        ssh_server.DemoHost(listener, log.folder, token, log, options.bytes_per_second)
        for listener, log in zip(listeners, logs, strict=True)
    ]
    stop = _stop_event(while_stdin_open=options.while_stdin_open)
    async with ssh_server.serving(hosts, key):
        port = listeners[0].getsockname()[1]
        sys.stdout.write(f"ready {len(hosts)} hosts on port {port}\n")
        sys.stdout.flush()
        await stop.wait()
    await asyncio.to_thread(end_all, token)


def _stop_event(*, while_stdin_open: bool) -> asyncio.Event:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if while_stdin_open:
        loop.add_reader(sys.stdin.fileno(), _set_at_end_of_stdin, stop)
    return stop


def _set_at_end_of_stdin(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()


def _key_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_KEY_LINE_LIMIT).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"can't read the public key {path}: {error}") from error


@contextmanager
def _sole_use(folder: Path) -> Iterator[None]:
    """Prevent a second run in the folder, whose start would end the processes of the first."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise UserError(f"can't use {folder} for the demo hosts: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                f"demo hosts already run in {folder}: stop them, or choose another folder"
            ) from error
        yield
