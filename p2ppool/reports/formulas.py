"""Texts that spreadsheets would run as formulas, made mere texts by apostrophes.

A spreadsheet takes a cell for a formula by its first character (OWASP, CSV injection), some also by its
full-width form. And it need not split a line where we do: with a semicolon or a tab as separator, which many
countries have, quotes in the middle of a field count for nothing, so a cell may begin after each of these and
after a line break.
"""

import re
from typing import Final

SIGNS: Final = "=+@\uff1d\uff0b\uff0d\uff20-"
"""The first characters of formulas, plain and full-width; the hyphen is last, as it must be in a set."""
BREAKS: Final = "\t\r\n"
"""With these a cell must not begin either: spreadsheets pass over them."""
START: Final = f'(^|[;{BREAKS}])("*)(?=[{SIGNS}])'
"""A regular expression, for Python and PostgreSQL: what is before a formula's first character."""
GUARDED: Final = r"\1'\2"
"""Its replacement."""

_START: Final = re.compile(START)


def guarded(text: str) -> str:
    """Return the text with an apostrophe before whatever could begin a formula."""
    safe = _START.sub(GUARDED, text)
    return f"'{safe}" if safe.startswith(tuple(BREAKS)) else safe
