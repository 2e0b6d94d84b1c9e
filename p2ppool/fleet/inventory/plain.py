"""Reads the plain hosts file: one `host` or `host:port` a line, optionally with ` jump=user@host:port`."""

import re
from collections.abc import Iterator

from p2ppool.fleet.inventory.fields import MANAGER_NAMES, manager_machine, quoted, read_jump, read_place
from p2ppool.fleet.inventory.host_line import Found, HostLine


def read(text: str, default_port: int) -> Found:
    """Return the hosts and the problems."""
    hosts: list[HostLine] = []
    problems: list[str] = []
    for number, entry in entries(text):
        try:
            hosts.append(_host(entry, number, default_port))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    return hosts, problems


def entries(text: str, comment: str = "#") -> Iterator[tuple[int, str]]:
    """Yield the lines with content, with their numbers;
    `comment` holds the characters that start a comment.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        entry = re.split(rf"(?:^|\s)[{comment}]", line, maxsplit=1)[0].strip(" \t\r")
        if entry:
            yield number, entry


def _host(entry: str, line: int, default_port: int) -> HostLine:
    first, *rest = re.split(r"[ \t]+(?=[a-z]+=)", entry)
    options = dict(word.partition("=")[::2] for word in rest)
    manager = first.lower() in MANAGER_NAMES
    for name in options:
        if name != ("address" if manager else "jump"):
            raise ValueError(f"{quoted(name)} is no option here: a host may have jump=, the manager address=")
    if manager:
        return manager_machine(line, options.get("address", ""))
    name, port = read_place(first, default_port)
    return HostLine(name, port, line, jump=read_jump(options["jump"]) if "jump" in options else None)
