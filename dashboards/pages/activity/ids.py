"""Ids that several parts share, and the classes of host phases."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dashboards.web.ids import ident
from p2ppool.reports.actions.action import HostPhase

OVERVIEW: Final = "activity"
"""The page of all actions."""
ACTION: Final = "action"
"""The page of one action."""
NUMBER: Final = ident(ACTION, "number")
"""Store of the page's ticket number."""
CLOCK: Final = ident(ACTION, "clock")

CLASSES: Final[Mapping[HostPhase, str]] = MappingProxyType(
    {phase: phase.value.replace(" ", "-") for phase in HostPhase}
)
"""Classes of the style sheet by host phase: each gives a colour and a shape."""

LARGEST: Final = 2**31 - 1
"""Ticket numbers have 32 bits."""


def number_in(value: object) -> int | None:
    """Return the ticket number that a browser sent; None for anything else."""
    return value if type(value) is int and 0 < value <= LARGEST else None


def ticket_number(text: str) -> int | None:
    """Return the ticket number in a URL; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        return None
    return number_in(int(text))
