"""Repairs by a check: recorded as a fact of the host and at the end of the ticket's message.

Earlier releases wrote "mended", which is still read.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_

from p2ppool.store.models import HostResult, Ticket

REPAIRED: Final = "repaired"
"""The fact of a host that tells what was wrong there."""
_BEFORE: Final = "mended"


def count_repaired(hosts: int) -> str:
    """Return the end of a check's message: how many hosts it repaired."""
    return f", {hosts} of them {REPAIRED}"


def repair_in(facts: Mapping[str, Any] | None) -> str:
    """Return what was wrong on a host until a check repaired it; empty: nothing."""
    known = facts or {}
    wrong = known.get(REPAIRED) or known.get(_BEFORE)
    return f"{REPAIRED}: {wrong}" if wrong else ""


def repaired_on_host() -> ColumnElement[str]:
    """Select from a host's result what was wrong until a check repaired it; null: nothing."""
    facts = [HostResult.facts[name].as_string() for name in (REPAIRED, _BEFORE)]
    return func.coalesce(*facts).label(REPAIRED)


def has_repaired() -> ColumnElement[bool]:
    """Select the tickets of checks that repaired hosts."""
    endings = (f" of them {word}" for word in (REPAIRED, _BEFORE))
    return or_(*(Ticket.message.contains(ending, autoescape=True) for ending in endings))
