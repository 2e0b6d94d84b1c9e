"""Host names to addresses, all at the same time and within a bound."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

from p2ppool.fleet.host_line import HostLine, HostsFileError

_THREADS: Final = 32


@dataclass(frozen=True, slots=True)
class ResolvedHost:
    """A line of the hosts file with the address that its name has now."""

    name: str
    port: int
    line: int
    address: str


def resolve(hosts: Sequence[HostLine], timeout: float = 20.0) -> list[ResolvedHost]:
    """Look up all names side by side, `timeout` seconds in all; the order is kept.

    Raises:
        HostsFileError: names without an address, and lines that turn out to be the same host.
    """
    addresses = _look_up({host.name for host in hosts}, timeout)
    problems: list[str] = []
    first: dict[tuple[str, int], int] = {}
    resolved: list[ResolvedHost] = []
    for host in hosts:
        address = addresses.get(host.name)
        if not isinstance(address, str):
            why = f"no answer within {timeout:g} s" if address is None else address.strerror
            problems.append(f"line {host.line}: {host.name} has no address ({why})")
            continue
        line = first.setdefault((address, host.port), host.line)
        if line != host.line:
            problems.append(f"line {host.line}: {host} is the same host as line {line} ({address})")
        resolved.append(ResolvedHost(host.name, host.port, host.line, address))
    if problems:
        raise HostsFileError(problems)
    return resolved


def _look_up(names: set[str], timeout: float) -> dict[str, str | OSError]:
    """What each name stands for; names without an entry did not answer in time.

    getaddrinfo can't be interrupted, so its threads are daemons that nobody waits for.
    """
    found: dict[str, str | OSError] = {name: name for name in names if _is_address(name)}
    todo: SimpleQueue[str] = SimpleQueue()
    answers: SimpleQueue[tuple[str, str | OSError]] = SimpleQueue()
    for name in sorted(names - found.keys()):
        todo.put(name)
    for _ in range(min(_THREADS, todo.qsize())):
        Thread(target=_ask, args=(todo, answers), name="resolve", daemon=True).start()
    deadline = monotonic() + timeout
    while len(found) < len(names):
        try:
            name, answer = answers.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            break
        found[name] = answer
    return found


def _ask(todo: SimpleQueue[str], answers: SimpleQueue[tuple[str, str | OSError]]) -> None:
    while True:
        try:
            name = todo.get_nowait()
        except Empty:
            return
        try:
            # The order of the answers is that of RFC 6724: the first is the one to use.
            answers.put((name, str(socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0])))
        except OSError as error:
            answers.put((name, error))
        except UnicodeError as error:
            answers.put((name, OSError(0, str(error))))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
