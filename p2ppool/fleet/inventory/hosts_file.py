"""The hosts file in any of its formats; the format is detected from the content, or given.

All problems of a file are found at once and reported with their line numbers.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from p2ppool.fleet.inventory import ansible, csv, plain, ssh_config
from p2ppool.fleet.inventory.host_line import Found, HostLine, HostsFileError
from p2ppool.fleet.inventory.resolve import resolve

__all__ = ["HostLine", "HostsFileError", "HostsFormat", "read_hosts", "resolve"]

BYTES_LIMIT: Final = 1_000_000
HOSTS_LIMIT: Final = 10_000
JUMPS_LIMIT: Final = 64


class HostsFormat(StrEnum):
    """The formats that a list of hosts may have."""

    PLAIN = "plain"
    CSV = "csv"
    ANSIBLE = "ansible"
    SSH_CONFIG = "ssh_config"


_READERS: Final[Mapping[HostsFormat, Callable[[str, int], Found]]] = {
    HostsFormat.PLAIN: plain.read,
    HostsFormat.CSV: csv.read,
    HostsFormat.ANSIBLE: ansible.read,
    HostsFormat.SSH_CONFIG: ssh_config.read,
}


def read_hosts(text: str, default_port: int, form: HostsFormat | None = None) -> list[HostLine]:
    """Read the hosts of a file's text, in its order; `default_port` is for those without one.

    Raises:
        HostsFileError: lines that are not a host, a repeated host, no host at all, or too many.
    """
    if len(text) > BYTES_LIMIT:
        raise HostsFileError([f"the hosts file is too large: at most {BYTES_LIMIT:,} characters"])
    text = text.removeprefix("\ufeff")
    hosts, problems = _READERS[form or format_of(text)](text, default_port)
    problems += _repeated(hosts)
    if not hosts and not problems:
        problems.append("the hosts file names no host: write one host or host:port a line")
    if len(hosts) > HOSTS_LIMIT:
        problems.append(f"the hosts file names {len(hosts):,} hosts: at most {HOSTS_LIMIT:,}")
    jumps = {host.jump for host in hosts if host.jump}
    if len(jumps) > JUMPS_LIMIT:
        problems.append(f"the hosts file names {len(jumps)} jump hosts: at most {JUMPS_LIMIT}")
    if problems:
        raise HostsFileError(problems)
    return hosts


def format_of(text: str) -> HostsFormat:
    """Detect the format from lines that only one format has."""
    lines = [entry for _, entry in plain.entries(text)]
    if lines and csv.delimiter_of(lines[0]):
        return HostsFormat.CSV
    if any(ansible.looks_like(line) for line in lines):
        return HostsFormat.ANSIBLE
    if any(re.match(r"(host|match|include)[ \t]+\S", line, re.IGNORECASE) for line in lines[:1]):
        return HostsFormat.SSH_CONFIG
    return HostsFormat.PLAIN


def _repeated(hosts: list[HostLine]) -> list[str]:
    first: dict[tuple[str, int], int] = {}
    problems = []
    for host in hosts:
        place = ("", 0) if host.is_manager else (host.name, host.port)
        if place in first:
            shown = "the manager" if host.is_manager else str(host)
            problems.append(f"line {host.line}: {shown} is already on line {first[place]}")
        first.setdefault(place, host.line)
    return problems
