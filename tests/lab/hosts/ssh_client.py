"""A plain paramiko client: what the lab's own tests look at its hosts with."""

import io
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import paramiko


@dataclass(frozen=True)
class Answer:
    status: int
    stdout: bytes
    stderr: bytes


@contextmanager
def connect(address, seconds=10):
    """A connection before authentication; raises what paramiko and the sockets raise."""
    sock = socket.create_connection(address, timeout=seconds)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transport = paramiko.Transport(sock)
    try:
        transport.banner_timeout = seconds
        # Longer than for the banner: paramiko takes this time-out for success.
        transport.start_client(timeout=seconds + 10)
        yield transport
    finally:
        transport.close()


@contextmanager
def login(address, private_pem, user="p2p"):
    """An authenticated connection."""
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(private_pem.decode()))
    with connect(address) as transport:
        transport.auth_publickey(user, key)
        yield transport


def run(transport, command, stdin=b"", seconds=60):
    """Run `command` to its end. It gets all of `stdin` before its output is read: not for much of both."""
    channel = transport.open_session(timeout=10)
    channel.settimeout(seconds)
    channel.exec_command(command)
    with suppress(OSError):  # the command may end before it has read everything
        channel.sendall(memoryview(stdin))
        channel.shutdown_write()
    stdout, stderr = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
    return Answer(channel.recv_exit_status(), stdout, stderr)
