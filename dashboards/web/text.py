"""Short texts that several pages show: times, sizes and counts."""

from datetime import UTC, datetime

from dash import html

_MINUTE = 60
_HOUR = 3600
_KIBI = 1024


def age(moment: datetime) -> html.Time:
    """Build a time that assets/live.js shows as an age ("3 min ago"), with the full time as its tooltip."""
    utc = moment.astimezone(UTC)
    return html.Time(
        f"{utc:%Y-%m-%d %H:%M} UTC",
        dateTime=utc.isoformat(timespec="seconds"),
        title=f"{utc:%Y-%m-%d %H:%M:%S} UTC",
        className="age",
    )


def duration(seconds: float) -> str:
    """Format seconds in a suitable unit."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def size(count: int) -> str:
    """Format bytes in a suitable unit (IEC 80000-13)."""
    number, units = float(count), iter(("KiB", "MiB", "GiB", "TiB"))
    unit = "bytes"
    while number >= _KIBI and (larger := next(units, None)):
        number, unit = number / _KIBI, larger
    return counted(count, "byte") if unit == "bytes" else f"{number:.1f} {unit}"


def consistency(value: float | None) -> str:
    """Format with two digits, cut and not rounded: 0.999 must not look like the perfect 1.00."""
    return "none yet" if value is None else f"{int(value * 100 + 1e-9) / 100:.2f}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Format a count with its noun: `1 host`, `8 hosts`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
