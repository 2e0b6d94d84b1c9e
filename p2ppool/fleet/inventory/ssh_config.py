"""Reads hosts from an ssh_config(5): each `Host` that is no pattern, with HostName, Port and ProxyJump.

`Match` and `Include` are refused, as they can run commands and read other files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from p2ppool.fleet.inventory.fields import quoted, read_jump, read_name, read_port
from p2ppool.fleet.inventory.host_line import Found, HostLine, JumpHost
from p2ppool.fleet.inventory.plain import entries


@dataclass
class _Block:
    """A `Host` line with the lines that follow; the first occurrence of each keyword counts."""

    aliases: list[str]
    line: int
    options: dict[str, tuple[str, int]] = field(default_factory=dict)


def read(text: str, default_port: int) -> Found:
    """Return the hosts and the problems."""
    blocks, problems = _blocks(text)
    named = {alias: block for block in reversed(blocks) for alias in block.aliases}
    hosts: list[HostLine] = []
    for block in blocks:
        for alias in block.aliases:
            _add(hosts, problems, alias, block, named, default_port)
    return hosts, list(dict.fromkeys(problems))


def _blocks(text: str) -> tuple[list[_Block], list[str]]:
    blocks: list[_Block] = []
    problems: list[str] = []
    for number, entry in entries(text):
        keyword, value = [*re.split(r"[ \t]*=[ \t]*|[ \t]+", entry, maxsplit=1), ""][:2]
        keyword, value = keyword.lower(), value.strip().strip('"')
        if keyword in {"match", "include"}:
            problems.append(f"line {number}: {quoted(keyword)} is not supported in a list of hosts")
        elif keyword == "host":
            names = value.replace('"', " ").split()
            blocks.append(_Block([name for name in names if not re.search(r"[*?!]", name)], number))
        elif blocks:
            blocks[-1].options.setdefault(keyword, (value, number))
    return blocks, problems


def _add(  # noqa: PLR0917 - what is found is added to the first two
    hosts: list[HostLine],
    problems: list[str],
    alias: str,
    block: _Block,
    named: Mapping[str, _Block],
    default_port: int,
) -> None:
    number = block.line
    try:
        name = read_name(alias)
        value, number = block.options.get("hostname", ("", block.line))
        where = read_name(value.replace("%h", alias)) if value else ""
        value, number = block.options.get("port", ("", block.line))
        port = read_port(value) if value else default_port
        value, number = block.options.get("proxyjump", ("", block.line))
        jump = _jump(value, named) if value.lower() not in {"", "none"} else None
    except ValueError as error:
        problems.append(f"line {number}: {error}")
    else:
        hosts.append(HostLine(name, port, block.line, where, jump))


def _jump(value: str, named: Mapping[str, _Block]) -> JumpHost:
    """Read a jump host, which may be named by its alias in the same file."""
    jump = read_jump(value)
    block = named.get(jump.name)
    if block is None:
        return jump
    options = {keyword: text for keyword, (text, _) in block.options.items()}
    if options.get("proxyjump", "none").lower() != "none":
        raise ValueError(f"{quoted(value)} has a jump host itself: one jump host only, not a chain of them")
    explicit = re.search(r":[0-9]+$", value)
    return replace(
        read_jump(jump.user + "@" * bool(jump.user) + options["hostname"]) if "hostname" in options else jump,
        user=jump.user or options.get("user", ""),
        port=read_port(options["port"]) if "port" in options and not explicit else jump.port,
    )
