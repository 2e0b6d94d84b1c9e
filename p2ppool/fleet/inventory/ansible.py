"""Reads an Ansible inventory in INI form: groups, ranges, and the variables that describe the connection.

These variables are used: ansible_host, ansible_port, ansible_connection=local (the manager's machine), and
ProxyJump in ansible_ssh_common_args or ansible_ssh_extra_args; for a host, or in `[group:vars]`.
"""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from p2ppool.fleet.inventory.fields import (
    is_ipv6,
    manager_machine,
    quoted,
    read_jump,
    read_name,
    read_place,
    read_port,
)
from p2ppool.fleet.inventory.host_line import Found, HostLine, JumpHost
from p2ppool.fleet.inventory.plain import entries

RANGE_LIMIT: Final = 10_000
_NAMES_LIMIT: Final = 100_000  # of all lines together: a host may be in several groups
_GROUPS_LIMIT: Final = 1_000
_SECTION: Final = re.compile(r"\[([^\[\]:\s]+)(?::([a-z_]+))?\]")
_RANGE: Final = re.compile(r"\[([0-9]{1,9}|[a-z]):([0-9]{1,9}|[a-z])(?::([1-9][0-9]{0,4}))?\]")
_ARGUMENTS: Final = ("ansible_ssh_common_args", "ansible_ssh_extra_args")
_USED: Final = frozenset({"ansible_host", "ansible_port", "ansible_connection", *_ARGUMENTS})


@dataclass
class _Inventory:
    hosts: dict[str, tuple[int, set[str], dict[str, str]]] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    parents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    problems: list[str] = field(default_factory=list)
    named: int = 0  # names that its lines stand for, so far

    def count(self, names: int) -> None:
        """Count the names of one more line, before they are unrolled.

        Raises:
            _TooLargeError: they are too many.
        """
        self.named += names
        if self.named > _NAMES_LIMIT:
            raise _TooLargeError(
                f"up to here the lines name more than {_NAMES_LIMIT:,} hosts, repeated ones included"
            )

    def require_few_groups(self) -> None:
        """Raise a _TooLargeError if there are too many groups: each may inherit from all others."""
        if len(self.variables.keys() | self.parents.keys()) > _GROUPS_LIMIT:
            raise _TooLargeError(
                f"the inventory has more than {_GROUPS_LIMIT:,} groups with variables or children"
            )


class _TooLargeError(ValueError):
    """The rest of the inventory is not worth reading."""


def looks_like(entry: str) -> bool:
    """Return whether this line belongs in an Ansible inventory and in no other format."""
    section = _SECTION.fullmatch(entry)
    return bool(section and not is_ipv6(section[1])) or bool(re.search(r"\sansible_[a-z_]+=", entry))


def read(text: str, default_port: int) -> Found:
    """Return the hosts and the problems."""
    inventory = _Inventory()
    group, kind = "ungrouped", "hosts"
    for number, entry in entries(text, comment="#;"):
        try:
            if section := _SECTION.fullmatch(entry):
                group, kind = section[1], _kind(section)
            else:
                _take(inventory, group, kind, entry, number)
        except ValueError as error:
            inventory.problems.append(f"line {number}: {error}")
            if isinstance(error, _TooLargeError):
                return [], inventory.problems
    return _hosts(inventory, default_port), inventory.problems


def _kind(section: re.Match[str]) -> str:
    kind = section[2] or "hosts"
    if kind not in {"hosts", "vars", "children"}:
        raise ValueError(f"{quoted(section[0])} is not a section of hosts, vars or children")
    return kind


def expand(pattern: str) -> tuple[int, Iterator[str]]:
    """Return how many names `node[01:20].example` stands for, and those, padded to as many digits as the
    first number has.

    Raises:
        ValueError: a malformed range, or one of more than RANGE_LIMIT names.
    """
    parts: list[list[str]] = []
    total, end = 1, 0
    for match in _RANGE.finditer(pattern):
        steps = _steps(match)
        total *= len(steps)
        if total > RANGE_LIMIT:
            raise ValueError(f"{quoted(pattern)} stands for more than {RANGE_LIMIT:,} hosts")
        parts += [[pattern[end : match.start()]], [_written(match, step) for step in steps]]
        end = match.end()
    return total, ("".join(names) for names in product(*parts, [pattern[end:]]))


def _steps(match: re.Match[str]) -> range:
    first, last, step = match[1], match[2], int(match[3] or 1)
    if first.isdigit() != last.isdigit():
        raise ValueError(f"{quoted(match[0])} is not a range")
    steps = (
        range(int(first), int(last) + 1, step) if first.isdigit() else range(ord(first), ord(last) + 1, step)
    )
    if not steps:
        raise ValueError(f"{quoted(match[0])} is an empty range")
    return steps


def _written(match: re.Match[str], step: int) -> str:
    return str(step).zfill(len(match[1])) if match[1].isdigit() else chr(step)


def _take(inventory: _Inventory, group: str, kind: str, entry: str, line: int) -> None:
    if kind == "children":
        inventory.parents[entry].add(group)
        inventory.require_few_groups()
    elif kind == "vars":
        name, _, value = entry.partition("=")
        if name.strip() in _USED:
            inventory.variables[group][name.strip()] = value.strip().strip("'\"")
            inventory.require_few_groups()
    else:
        pattern, *options = shlex.split(entry)
        given = dict(option.partition("=")[::2] for option in options)
        variables = {name: value for name, value in given.items() if name in _USED}
        total, names = expand(pattern)
        inventory.count(total)
        for name in names:
            _, groups, known = inventory.hosts.setdefault(name, (line, set(), {}))
            groups.add(group)
            known.update(variables)
        if len(inventory.hosts) > RANGE_LIMIT:
            raise _TooLargeError(f"the inventory has more than {RANGE_LIMIT:,} hosts")


def _hosts(inventory: _Inventory, default_port: int) -> list[HostLine]:
    found = []
    for name, (line, groups, own) in inventory.hosts.items():
        try:
            found.append(_host(name, line, {**_inherited(inventory, groups), **own}, default_port))
        except ValueError as error:
            inventory.problems.append(f"line {line}: {error}")
    return found


def _inherited(inventory: _Inventory, groups: set[str]) -> dict[str, str]:
    """Return the groups' variables; a nearer group overrides a more distant one."""
    layers, seen = [sorted(groups)], set(groups)
    while layers[-1]:
        above = {parent for group in layers[-1] for parent in inventory.parents.get(group, ())} - seen
        seen |= above
        layers.append(sorted(above))
    ordered = ["all", *(group for layer in reversed(layers) for group in layer)]
    return {key: value for group in ordered for key, value in inventory.variables.get(group, {}).items()}


def _host(name: str, line: int, variables: Mapping[str, str], default_port: int) -> HostLine:
    if variables.get("ansible_connection") == "local":
        return manager_machine(line)
    plain, port = read_place(name, default_port)
    if "ansible_port" in variables:
        port = read_port(variables["ansible_port"])
    where = read_name(variables["ansible_host"]) if "ansible_host" in variables else ""
    return HostLine(plain, port, line, where, _jump(variables))


def _jump(variables: Mapping[str, str]) -> JumpHost | None:
    arguments = [word for name in _ARGUMENTS for word in shlex.split(variables.get(name, ""))]
    joined = re.sub(r"(^| )-([oJ]) ?", r"\1-\2", " ".join(arguments))
    if "ProxyCommand" in joined:
        raise ValueError("ProxyCommand is not supported: write ProxyJump=user@host:port")
    found = re.search(r"(?:^| )-(?:oProxyJump[= ]|J)(\S+)", joined, re.IGNORECASE)
    return read_jump(found[1]) if found else None
