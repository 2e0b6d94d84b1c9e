"""What is known of each machine: the newest of what it told, kept on the host's row."""

from collections.abc import Mapping
from typing import Any, Final

from p2ppool.errors import one_line
from p2ppool.fleet.agent.host_stats import HostStats
from p2ppool.store.models import Host
from p2ppool.store.types import now

_WORDS: Final = ("kernel", "machine", "python3", "mono", "ifconfig")
"""Told as text; empty: it is not there."""
_NUMBERS: Final = ("cores", "memory_total", "disk_total", "clock_error")
_TEXT_LIMIT: Final = 100


def learn(host: Host, told: Mapping[str, str], found: HostStats) -> None:
    """Bring the host's facts up to date; those that were not told this time stay."""
    words = {name: one_line(told[name], _TEXT_LIMIT) for name in _WORDS if name in told}
    numbers: dict[str, Any] = {name: getattr(found, name) for name in _NUMBERS}
    known = {name: value for name, value in numbers.items() if value is not None}
    host.facts = {**(host.facts or {}), **words, **known}
    host.facts_at = now()
