"""The loopback addresses of the demo hosts, and the sockets that listen on them."""

import errno
import ipaddress
from collections.abc import Sequence
from contextlib import ExitStack
from socket import create_server, socket

from p2ppool.errors import UserError, one_line

MOST = 500  # leaves each eight of the 4096 files that a process can open on most systems
_TRIES = 20
_LAST_PORT = 65535


def host_addresses(first: str, count: int) -> list[str]:
    """Return `count` consecutive addresses from `first`. Raises UserError unless all lie in 127.0.0.0/8."""
    if not 1 <= count <= MOST:
        raise UserError(f"{count} demo hosts: give a number from 1 to {MOST}")
    try:
        start = ipaddress.IPv4Address(first)
        addresses = [start + step for step in range(count)]
    except ValueError as error:
        raise UserError(
            f"demo hosts can't start at {one_line(first)!r}: give an address like 127.77.0.1"
        ) from error
    if not (addresses[0].is_loopback and addresses[-1].is_loopback):
        raise UserError(
            f"{count} demo hosts from {first} leave the loopback range 127.0.0.0/8: start elsewhere"
        )
    return [str(address) for address in addresses]


def claim(addresses: Sequence[str], port: int) -> list[socket]:
    """Open listening sockets on one port of all addresses, all or none; port 0 means any that is free on all.

    Raises UserError if a socket can't be opened, mostly because the port is in use.
    """
    if not 0 <= port <= _LAST_PORT:
        raise UserError(f"port {port} of the demo hosts: give a number from 0 to {_LAST_PORT}")
    for _ in range(_TRIES):
        try:
            return _claim_once(addresses, port)
        except OSError as error:
            if port or error.errno != errno.EADDRINUSE:
                raise _refusal(error, port) from error
    raise UserError(f"no port is free on all of {addresses[0]} to {addresses[-1]}: start at another address")


def _claim_once(addresses: Sequence[str], port: int) -> list[socket]:
    with ExitStack() as undo:
        listeners = [undo.enter_context(create_server((addresses[0], port), backlog=512))]
        port = listeners[0].getsockname()[1]
        listeners += [
            undo.enter_context(create_server((address, port), backlog=512)) for address in addresses[1:]
        ]
        undo.pop_all()
    return listeners


def _refusal(error: OSError, port: int) -> UserError:
    if error.errno == errno.EADDRINUSE:
        return UserError(
            f"port {port} of the demo hosts is in use: stop what uses it, or choose another port"
        )
    why = one_line(error.strerror)
    return UserError(
        f"the demo hosts can't listen on port {port} ({why}): choose one above 1023, or fewer hosts"
    )
