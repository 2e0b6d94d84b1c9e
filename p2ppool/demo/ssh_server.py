"""The SSH servers of the demo hosts: one listener per host in one process, open to one user with one key."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import socket

import asyncssh

from p2ppool.demo import commands
from p2ppool.demo.events import Event, EventLog
from p2ppool.demo.processes import MARKER
from p2ppool.demo.slow_link import SlowLink
from p2ppool.errors import UserError, one_line

USER = "p2p"
_LOGIN_SECONDS = 20
_KEEPALIVE_SECONDS = 15
# The directory of the demo's interpreter comes last: it helps if the system has no python3 of its own.
_PATH = f"/usr/local/bin:/usr/bin:/bin:{Path(sys.executable).resolve().parent}"


@dataclass(frozen=True)
class DemoHost:
    """One demo host: its listener, and the folder with its host key and its user's home.

    `bytes_per_second` is the rate of each connection's input to commands; None for full speed.
    """

    listener: socket
    folder: Path
    token: str
    log: EventLog
    bytes_per_second: int | None = None

    @property
    def home(self) -> Path:
        return self.folder / "home"


class DemoServer(asyncssh.SSHServer):
    """Admits user `p2p` with the one key, also to forward to another host; everything else is refused.

    Each connection has its own instance, which notes its events and is in `connections` while it lasts.
    """

    def __init__(
        self, host: DemoHost, key: asyncssh.SSHKey, connections: set[asyncssh.SSHServerConnection]
    ) -> None:
        self._host = host
        self._key = key
        self._connections = connections
        self._number = host.log.new_connection()
        self.link = None if host.bytes_per_second is None else SlowLink(host.bytes_per_second)

    def note(self, event: Event) -> None:
        self._host.log.note(self._number, event)

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)
        self.note("opened")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        self._connections.discard(self._connection)
        self.note("closed")

    def connection_requested(self, *_: object) -> bool:
        """Allow forwarding, as by a jump host: an admitted client has a shell here,
        and so gets everywhere anyway.
        """
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.public_data == self._key.public_data


@asynccontextmanager
async def serving(hosts: Sequence[DemoHost], authorized_key: str) -> AsyncIterator[None]:
    """Answer on all hosts; on leaving, drop all connections.

    Raises UserError when `authorized_key` isn't an OpenSSH public key line.
    """
    key = _public_key(authorized_key)
    connections: set[asyncssh.SSHServerConnection] = set()
    async with AsyncExitStack() as stack:
        acceptors = [
            await stack.enter_async_context(await _listen(host, partial(DemoServer, host, key, connections)))
            for host in hosts
        ]
        stack.callback(_close, acceptors, connections)
        yield


def _close(acceptors: Sequence[asyncssh.SSHAcceptor], connections: set[asyncssh.SSHServerConnection]) -> None:
    """Close all listeners first, so that nobody connects meanwhile."""
    for acceptor in acceptors:
        acceptor.close()
    for connection in connections:
        connection.abort()


def _public_key(line: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_public_key(line)
    except asyncssh.KeyImportError as error:
        raise UserError(f"the demo hosts got no OpenSSH public key: {one_line(error)}") from error


async def _listen(host: DemoHost, server: Callable[[], DemoServer]) -> asyncssh.SSHAcceptor:
    (host.home / "tmp").mkdir(parents=True, exist_ok=True)
    return await asyncssh.listen(
        sock=host.listener,
        backlog=512,
        server_factory=server,
        server_host_keys=[_host_key(host.folder / "host_key")],
        process_factory=partial(_answer, host),
        encoding=None,
        allow_pty=False,
        agent_forwarding=False,
        compression_algs=None,
        gss_host=None,
        login_timeout=_LOGIN_SECONDS,
        keepalive_interval=_KEEPALIVE_SECONDS,
    )


def _host_key(path: Path) -> asyncssh.SSHKey:
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519")
        with open(path, "xb", opener=partial(os.open, mode=0o600)) as file:
            file.write(key.export_private_key())
    return asyncssh.read_private_key(path)


async def _answer(host: DemoHost, channel: commands.Channel) -> None:
    server = channel.get_extra_info("connection").get_owner()
    if not isinstance(server, DemoServer):
        return  # the client is gone already
    client_address, client_port = channel.get_extra_info("peername")[:2]
    address, port = channel.get_extra_info("sockname")[:2]
    environment = {
        "HOME": str(host.home),
        "LANG": "C.UTF-8",
        "LOGNAME": USER,
        "PATH": _PATH,
        "SHELL": "/bin/sh",
        "SSH_CONNECTION": f"{client_address} {client_port} {address} {port}",
        # /tmp belongs to the machine: what a demo host writes belongs in its own folder.
        "TMPDIR": str(host.home / "tmp"),
        "USER": USER,
        MARKER: host.token,
    }
    await commands.run(channel, home=host.home, environment=environment, note=server.note, link=server.link)
