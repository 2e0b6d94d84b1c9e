"""Ids that several parts share, and the words and signs for how far a host is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dashboards.web.ids import ident
from p2ppool.reports.actions.action import HostPhase

OVERVIEW: Final = "activity"
"""The page of all actions."""
ACTION: Final = "action"
"""The page of one."""
NUMBER: Final = ident(ACTION, "number")
"""Store of the ticket that a page is about."""
CLOCK: Final = ident(ACTION, "clock")

CLASSES: Final[Mapping[HostPhase, str]] = MappingProxyType(
    {phase: phase.value.replace(" ", "-") for phase in HostPhase}
)
"""By how far a host is: the class of the style sheet, which gives it a colour and a shape."""

LARGEST: Final = 2**31 - 1
"""Numbers of tickets have 32 bits."""


def number_in(value: object) -> int | None:
    """What a browser sent as the number of a ticket; None for whatever can be none."""
    return value if type(value) is int and 0 < value <= LARGEST else None


def ticket_number(text: str) -> int | None:
    """That of a ticket, out of an address; None for whatever can be none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))):
        return None
    return number_in(int(text))
