"""User import from a CSV file: validated as a whole, and all users are created or none."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from p2ppool.accounts import users
from p2ppool.errors import UserError, one_line
from p2ppool.store.models import Role, User

LARGEST: Final = 1024 * 1024
"""Size limit of a file, in bytes."""
_MOST: Final = 5000  # users in a file
_COLUMNS: Final = ("name", "email", "role")
_MOST_ERRORS: Final = 10  # errors at once


@dataclass(frozen=True)
class Entry:
    """One validated line of the file.

    Attributes:
        line: its number, from 1.
        name: as it will be stored.
        email: None if there is none.
        role: the user's role.
    """

    line: int
    name: str
    email: str | None
    role: Role


def read(data: bytes) -> Sequence[Entry]:
    """Read the users from a CSV file (RFC 4180, UTF-8) with the columns name, email and role in any order.

    Only the name is required; without a role they are viewers.

    Raises:
        UserError: all errors of the file, by line number.
    """
    entries: list[Entry] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, values in _rows(data):
        try:
            entry = _entry(line, values)
        except UserError as error:
            problems.append(f"line {line}: {error}")
            continue
        if entry.name in seen:
            problems.append(f"line {line}: {entry.name} is already in line {seen[entry.name]}")
        seen[entry.name] = line
        entries.append(entry)
    _refuse(problems)
    if not entries:
        raise UserError("there are no users in the file")
    return entries


def make(session: Session, entries: Sequence[Entry], who: str) -> Sequence[User]:
    """Create the users, without passwords; they need links to choose them.

    Raises:
        UserError: names that are taken, by their line numbers.
    """
    taken = [
        f"line {entry.line}: there is a user named {entry.name} already"
        for entry in entries
        if users.find(session, entry.name) is not None
    ]
    _refuse(taken)
    return [users.create(session, entry.name, entry.role, who, email=entry.email) for entry in entries]


def _rows(data: bytes) -> Sequence[tuple[int, dict[str, str]]]:
    if len(data) > LARGEST:
        raise UserError(f"the file is larger than {LARGEST} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"line {line}: the file is not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = _columns(next(reader, []))
        found = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UserError(f"line {reader.line_num}: {one_line(error)}") from None
    if len(found) > _MOST:
        raise UserError(f"the file has more than {_MOST} users")
    return [(line, _by_column(columns, row, line)) for line, row in found]


def _columns(head: Sequence[str]) -> Sequence[str]:
    columns = [cell.strip().lower() for cell in head]
    if "name" not in columns or len(set(columns)) < len(columns) or not set(columns) <= set(_COLUMNS):
        found = one_line(", ".join(columns), 80)
        raise UserError(f"line 1: the first line names the columns: {', '.join(_COLUMNS)}; found '{found}'")
    return columns


def _by_column(columns: Sequence[str], row: Sequence[str], line: int) -> dict[str, str]:
    if len(row) != len(columns):
        raise UserError(f"line {line}: {len(row)} values for {len(columns)} columns")
    return dict(zip(columns, (cell.strip() for cell in row), strict=True))


def _entry(line: int, values: dict[str, str]) -> Entry:
    email = users.checked_email(values.get("email"))
    role = values.get("role", "").lower() or Role.VIEWER.value
    if role not in {each.value for each in Role}:
        raise UserError(f"the role '{one_line(role, 40)}' is not manager, viewer or member")
    return Entry(line, users.checked_name(values["name"]), email, Role(role))


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        more = f"; and {len(problems) - _MOST_ERRORS} more" if len(problems) > _MOST_ERRORS else ""
        raise UserError("; ".join(problems[:_MOST_ERRORS]) + more)
