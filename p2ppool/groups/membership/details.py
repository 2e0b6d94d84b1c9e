"""The details that a group with detailed registration requires from those who join."""

from collections.abc import Mapping
from typing import Final

from p2ppool.errors import UserError, one_line
from p2ppool.store.models import Group

FIELDS: Final = {
    "organization": "Organization",
    "unit": "Organizational unit",
    "country": "Country",
    "phone": "Phone",
}
"""The fields and their labels."""

_LONGEST: Final = 64  # characters


def checked_details(group: Group, given: Mapping[str, str]) -> dict[str, str]:
    """Validate the fields that the group requires, and strip spaces; empty for a group that requires none.

    Raises:
        UserError: one is missing, too long, or not a single line.
    """
    return (
        {name: _checked(called, given.get(name, "")) for name, called in FIELDS.items()}
        if group.detailed
        else {}
    )


def _checked(called: str, text: str) -> str:
    text = text.strip()
    if not text:
        raise UserError(f"{called} is needed to join this group")
    if len(text) > _LONGEST or not text.isprintable():
        raise UserError(f"{called}: '{one_line(text, 40)}' is not one line of up to {_LONGEST} characters")
    return text
