"""A period of time: from its start up to, but excluding, its end."""

from dataclasses import dataclass
from datetime import UTC, datetime

from p2ppool.errors import UserError


@dataclass(frozen=True)
class Period:
    """From `start` up to `end`, both with a time zone; None for no bound on that side."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Return whether the moment lies in the period."""
        return (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)


ALWAYS = Period()
"""The period without any bound."""


def period(start: str | None, end: str | None) -> Period:
    """Parse the period between two texts, each ISO 8601 or empty.

    A day without a time means its midnight; a time without a time zone is UTC. So "2026-03-01" to
    "2026-04-01" is the whole of March.

    Raises:
        UserError: one can't be parsed, or the end is not after the start.
    """
    found = Period(_moment(start, "from"), _moment(end, "to"))
    if found.start and found.end and found.end <= found.start:
        raise UserError(f"from {start} to {end} is not a period: the end must be after the start")
    return found


def _moment(text: str | None, side: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError(
            f"{side} {text[:40]!r} is not a time: write it as 2026-03-01 or 2026-03-01T12:30+01:00 (ISO 8601)"
        ) from None
