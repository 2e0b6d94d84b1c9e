"""Hosts in the form of ssh_config(5): each `Host` that is no pattern, with HostName, Port and ProxyJump.

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
    """A `Host` line with what follows; of each keyword the first one counts."""

    aliases: list[str]
    line: int
    words: dict[str, tuple[str, int]] = field(default_factory=dict)


def read(text: str, default_port: int) -> Found:
    """The hosts and what is wrong."""
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
            blocks[-1].words.setdefault(keyword, (value, number))
    return blocks, problems


def _add(  # noqa: PLR0917 - what is found goes into the first two
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
        value, number = block.words.get("hostname", ("", block.line))
        where = read_name(value.replace("%h", alias)) if value else ""
        value, number = block.words.get("port", ("", block.line))
        port = read_port(value) if value else default_port
        value, number = block.words.get("proxyjump", ("", block.line))
        jump = _jump(value, named) if value.lower() not in {"", "none"} else None
    except ValueError as error:
        problems.append(f"line {number}: {error}")
    else:
        hosts.append(HostLine(name, port, block.line, where, jump))


def _jump(value: str, named: Mapping[str, _Block]) -> JumpHost:
    """A jump host, which may be named by its alias in the same file."""
    jump = read_jump(value)
    block = named.get(jump.name)
    if block is None:
        return jump
    words = {keyword: text for keyword, (text, _) in block.words.items()}
    if words.get("proxyjump", "none").lower() != "none":
        raise ValueError(f"{quoted(value)} has a jump host itself: one jump host only, not a chain of them")
    explicit = re.search(r":[0-9]+$", value)
    return replace(
        read_jump(jump.user + "@" * bool(jump.user) + words["hostname"]) if "hostname" in words else jump,
        user=jump.user or words.get("user", ""),
        port=read_port(words["port"]) if "port" in words and not explicit else jump.port,
    )
