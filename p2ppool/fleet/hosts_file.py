"""The hosts file: one `host` or `host:port` a line, `#` comments, blank lines.

Everything wrong in a file is found at once and named by its line number.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Final

from p2ppool.errors import one_line
from p2ppool.fleet.host_line import HostLine, HostsFileError
from p2ppool.fleet.resolve import resolve

__all__ = ["HostLine", "HostsFileError", "read_hosts", "resolve"]

BYTES_LIMIT: Final = 1_000_000
HOSTS_LIMIT: Final = 10_000
# RFC 1123, 2.1, and RFC 1035, 2.3.4; the underscore is in use though it should not be.
_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*"
)
_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\](?::(.*))?")


def read_hosts(text: str, default_port: int) -> list[HostLine]:
    """The hosts of a file's text, in its order; `default_port` is for those without one.

    Raises:
        HostsFileError: lines that are no host, a host that is there twice, no host at all, or far too much.
    """
    if len(text) > BYTES_LIMIT:
        raise HostsFileError([f"the hosts file is too large: at most {BYTES_LIMIT:,} characters"])
    hosts: list[HostLine] = []
    problems: list[str] = []
    for number, entry in _entries(text):
        try:
            hosts.append(_host(entry, number, default_port))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    problems += _repeated(hosts)
    if not hosts and not problems:
        problems.append("the hosts file names no host: write one host or host:port a line")
    if len(hosts) > HOSTS_LIMIT:
        problems.append(f"the hosts file names {len(hosts):,} hosts: at most {HOSTS_LIMIT:,}")
    if problems:
        raise HostsFileError(problems)
    return hosts


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        entry = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip(" \t\r")
        if entry:
            yield number, entry


def _host(entry: str, line: int, default_port: int) -> HostLine:
    name, port = _split(entry)
    return HostLine(_name(name), default_port if port is None else _port(port), line)


def _split(entry: str) -> tuple[str, str | None]:
    """Host and port; only an IPv6 address has more than one colon (RFC 3986, 3.2.2, brackets it)."""
    bracketed = _BRACKETED.fullmatch(entry)
    if bracketed:
        if not _is_ipv6(bracketed[1]):
            raise ValueError(f"{_quoted(bracketed[1])} in brackets is not an IPv6 address")
        return bracketed[1], bracketed[2]
    if entry.count(":") > 1:
        if not _is_ipv6(entry):
            raise ValueError(f"{_quoted(entry)} is not host or host:port; write IPv6 as [address]:port")
        return entry, None
    name, colon, port = entry.partition(":")
    return name, port if colon else None


def _name(name: str) -> str:
    """A host name or address in its one normal form."""
    try:
        address = ip_address(name)
    except ValueError:
        plain = name.lower().removesuffix(".")
    else:
        if isinstance(address, IPv6Address) and address.scope_id:
            raise ValueError(f"{_quoted(name)} has a zone: write a global address")
        return str(address)
    # A last label of digits is for addresses alone (RFC 1123, 2.1), and this was none.
    if not _NAME.fullmatch(plain) or plain.rpartition(".")[2].isdigit():
        raise ValueError(f"{_quoted(name)} is not a host name or address")
    return plain


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:  # noqa: PLR2004 - RFC 9293
        raise ValueError(f"{_quoted(text)} is not a port from 1 to 65535")
    return int(text)


def _is_ipv6(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv6Address)
    except ValueError:
        return False


def _repeated(hosts: list[HostLine]) -> list[str]:
    first: dict[tuple[str, int], int] = {}
    problems = []
    for host in hosts:
        line = first.setdefault((host.name, host.port), host.line)
        if line != host.line:
            problems.append(f"line {host.line}: {host} is already on line {line}")
    return problems


def _quoted(text: str) -> str:
    return f"“{one_line(text, 60)}”"
