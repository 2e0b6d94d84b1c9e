"""The facts about each machine: the newest of each that it reported, stored in the host's row."""

from collections.abc import Mapping
from typing import Any, Final

from p2ppool.errors import one_line
from p2ppool.fleet.agent.host_stats import HostStats
from p2ppool.store.models import Host
from p2ppool.store.types import now

_TEXTS: Final = ("kernel", "machine", "python3", "mono", "ifconfig")
"""Reported as text; empty if absent on the machine."""
_NUMBERS: Final = ("cores", "memory_total", "disk_total", "clock_error")
_TEXT_LIMIT: Final = 100


def learn(host: Host, facts: Mapping[str, str], found: HostStats) -> None:
    """Update the host's facts; those not reported this time stay."""
    texts = {name: one_line(facts[name], _TEXT_LIMIT) for name in _TEXTS if name in facts}
    numbers: dict[str, Any] = {name: getattr(found, name) for name in _NUMBERS}
    known = {name: value for name, value in numbers.items() if value is not None}
    host.facts = {**(host.facts or {}), **texts, **known}
    host.facts_at = now()
