"""The times of a schedule: as people write them, and as Prefect stores them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from p2ppool.errors import UserError, one_line

SHORTEST: Final = 5
"""In seconds; Prefect creates an hour of runs ahead, so shorter intervals would fill its database."""

_LONGEST: Final = 366 * 86_400
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_EVERY: Final = re.compile(r"([1-9]\d{0,8})([smhd])")
_CRON: Final = re.compile(r"[A-Za-z0-9*/,#?LW-]{1,64}(?: [A-Za-z0-9*/,#?LW-]{1,64}){4}")
_BEGINNING: Final = datetime(2020, 1, 1, tzinfo=UTC)

How = Mapping[str, Any]
"""A schedule's times as in Prefect's API: `interval` and `anchor_date`, or `cron`, or `rrule`."""


def seconds_in(text: str) -> int:
    """Return the seconds of a span such as 30m, 24h or 7d.

    Raises:
        UserError: it is none, or far too short or long.
    """
    found = _EVERY.fullmatch(text.strip())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not SHORTEST <= seconds <= _LONGEST:
        raise UserError(
            f"every {one_line(text, 40)!r} can't be used: a number with s, m, h or d, such as 30m; "
            f"at least {SHORTEST}s, at most a year"
        )
    return seconds


def every(seconds: int, pool: str, action: str) -> How:
    """Build an interval with an offset of its own for each pool, so that many pools don't all start
    together.
    """
    digest = sha256(f"{pool} {action}".encode()).digest()
    offset = int.from_bytes(digest[:8]) % seconds
    anchor = _BEGINNING + timedelta(seconds=offset)
    return {"interval": seconds, "anchor_date": anchor.isoformat(), "timezone": "UTC"}


def cron(text: str) -> How:
    """Build the times of a cron line, in UTC (crontab(5); Prefect validates it further).

    Raises:
        UserError: it has not five fields.
    """
    tidy = " ".join(text.split())
    if not _CRON.fullmatch(tidy):
        raise UserError(f'cron {one_line(text, 60)!r} can\'t be used: five fields such as "0 3 * * *"')
    return {"cron": tidy, "timezone": "UTC"}


def format_interval(how: How) -> str:
    """Describe the times for people: `every 30m`, `cron 0 3 * * *`."""
    if "interval" in how:
        return f"every {_span(float(how['interval']))}"
    zone = how.get("timezone") or "UTC"
    kind = "cron" if "cron" in how else "rrule"
    return one_line(f"{kind} {how.get(kind, '')}{'' if zone == 'UTC' else f' ({zone})'}", 120)


def _span(seconds: float) -> str:
    for letter in "dhm":
        if seconds >= _SECONDS[letter] and seconds % _SECONDS[letter] == 0:
            return f"{seconds / _SECONDS[letter]:.0f}{letter}"
    return f"{seconds:g}s"
