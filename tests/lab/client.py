"""A plain paramiko client: what the lab's own tests look at its hosts with."""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko


@dataclass(frozen=True)
class Answer:
    status: int
    stdout: bytes
    stderr: bytes


@contextmanager
def login(address: tuple[str, int], private_pem: bytes, user: str = "p2p") -> Iterator[paramiko.Transport]:
    """An authenticated connection; raises what paramiko and the sockets raise."""
    sock = socket.create_connection(address, timeout=10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock)
    try:
        transport.banner_timeout = 10
        transport.start_client(timeout=10)
        transport.auth_publickey(
            user, paramiko.Ed25519Key.from_private_key(io.StringIO(private_pem.decode()))
        )
        yield transport
    finally:
        transport.close()


def run(transport: paramiko.Transport, command: str, stdin: bytes = b"") -> Answer:
    """Run `command` to its end with `stdin` streamed into it; output is bounded by SSH's window only."""
    channel = transport.open_session(timeout=10)
    channel.settimeout(60)
    channel.exec_command(command)
    channel.sendall(memoryview(stdin))
    channel.shutdown_write()
    stdout, stderr = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
    return Answer(channel.recv_exit_status(), stdout, stderr)
