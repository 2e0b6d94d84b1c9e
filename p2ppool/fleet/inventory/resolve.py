"""Resolves host names to addresses, all at the same time and within a time limit."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Final

from p2ppool.fleet.inventory.host_line import HostLine, HostsFileError, JumpHost
from p2ppool.fleet.inventory.this_machine import address_towards, is_own

_THREADS: Final = 32


@dataclass(frozen=True, slots=True)
class ResolvedHost:
    """A line of the hosts file with the current address of its name."""

    name: str
    port: int
    line: int
    address: str
    jump: JumpHost | None = None
    jump_address: str = ""
    is_manager: bool = False


def resolve(hosts: Sequence[HostLine], timeout: float = 20.0) -> list[ResolvedHost]:
    """Resolve all names concurrently within `timeout` seconds in total; keep the order.

    The manager's own machine gets the address from which it reaches the other hosts, if none is given.

    Raises:
        HostsFileError: names without an address, and lines that turn out to be the same host.
    """
    remote = [host for host in hosts if not host.is_manager]
    names = {host.where or host.name for host in remote} | {host.jump.name for host in remote if host.jump}
    addresses = _resolve_name(names, timeout)
    own = address_towards([found for found in addresses.values() if isinstance(found, str)])
    problems: list[str] = []
    resolved: list[ResolvedHost] = []
    for host in hosts:
        try:
            resolved.append(_manager(host, own) if host.is_manager else _host(host, addresses, timeout))
        except ValueError as error:
            problems.append(f"line {host.line}: {error}")
    problems += [*_same_places(hosts, resolved), *_same_jumps(resolved)]
    if problems:
        raise HostsFileError(problems)
    return resolved


def _manager(host: HostLine, own: str) -> ResolvedHost:
    address = host.where or own
    if not is_own(address):
        raise ValueError(f"{address} is not an address of this machine")
    return ResolvedHost(host.name, host.port, host.line, address, is_manager=True)


def _host(host: HostLine, addresses: Mapping[str, str | OSError], timeout: float) -> ResolvedHost:
    address = _address(host.where or host.name, addresses, timeout)
    jump_address = _address(host.jump.name, addresses, timeout) if host.jump else ""
    return ResolvedHost(host.name, host.port, host.line, address, host.jump, jump_address)


def _address(name: str, addresses: Mapping[str, str | OSError], timeout: float) -> str:
    found = addresses.get(name)
    if isinstance(found, str):
        return found
    why = f"no answer within {timeout:g} s" if found is None else found.strerror
    raise ValueError(f"{name} has no address ({why})")


def _same_places(hosts: Sequence[HostLine], resolved: Sequence[ResolvedHost]) -> Iterator[str]:
    named = {host.line: host for host in hosts}
    first: dict[tuple[str, int], int] = {}
    for host in resolved:
        line = first.setdefault((host.address, host.port), host.line)
        if line != host.line:
            yield f"line {host.line}: {named[host.line]} is the same host as line {line} ({host.address})"


def _same_jumps(resolved: Sequence[ResolvedHost]) -> Iterator[str]:
    first: dict[tuple[str, int], ResolvedHost] = {}
    for host in resolved:
        if host.jump:
            other = first.setdefault((host.jump_address, host.jump.port), host)
            if other.jump != host.jump:
                same = f"is the same jump host as {other.jump} of line {other.line}"
                yield f"line {host.line}: {host.jump} {same}: write both the same"


def _resolve_name(names: set[str], timeout: float) -> dict[str, str | OSError]:
    """Return what each name resolves to; names without an entry did not answer in time.

    getaddrinfo can't be interrupted, so it runs in daemon threads that nobody waits for.
    """
    found: dict[str, str | OSError] = {name: name for name in names if _is_address(name)}
    todo: SimpleQueue[str] = SimpleQueue()
    answers: SimpleQueue[tuple[str, str | OSError]] = SimpleQueue()
    for name in sorted(names - found.keys()):
        todo.put(name)
    for _ in range(min(_THREADS, todo.qsize())):
        Thread(target=_resolve_names, args=(todo, answers), name="resolve", daemon=True).start()
    deadline = monotonic() + timeout
    while len(found) < len(names):
        try:
            name, answer = answers.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            break
        found[name] = answer
    return found


def _resolve_names(todo: SimpleQueue[str], answers: SimpleQueue[tuple[str, str | OSError]]) -> None:
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
