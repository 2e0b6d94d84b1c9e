"""Numbers as PostgreSQL writes them."""

import math
from typing import Final

_PLAIN_BELOW: Final = 1e15  # from here on PostgreSQL writes an exponent; Python does so from 1e16 on


def number_text(value: float | None) -> str | None:
    """Return the shortest text that reads back as the same number, as PostgreSQL's float8out writes it.

    Both use the shortest digits (Steele and White); only the notation differs.
    """
    if value is None:
        return None
    number = float(value) + 0.0  # no minus zero: SQLite does not keep it
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    text = repr(number).removesuffix(".0")
    return text if abs(number) < _PLAIN_BELOW or "e" in text else _with_exponent(text)


def _with_exponent(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, rest = digits.partition(".")
    significant = (whole + rest).rstrip("0")
    tail = f".{significant[1:]}" if significant[1:] else ""
    return f"{sign}{significant[0]}{tail}e+{len(whole) - 1}"
