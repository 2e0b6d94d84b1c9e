"""The id of a manager: what tells two managers apart that hold the same pool."""

import hashlib
import secrets
from functools import cache
from pathlib import Path
from typing import Final

from p2ppool.errors import UserError
from p2ppool.store.durable import create_once

_FILE: Final = "manager.id"
_MACHINE: Final = Path("/etc/machine-id")
_CHARACTERS: Final = 32


@cache
def manager_id(folder: Path) -> str:
    """Return the id of the manager with this data folder: 32 hexadecimal digits.

    It is not in the database, since a copy of that may be another manager's; and it depends on the machine
    and the folder's path, since a data folder may be copied as a whole.

    Raises:
        UserError: its file can't be read or made.
    """
    place = folder / _FILE
    try:
        if not place.exists():
            create_once(place, f"{secrets.token_hex(16)}\n".encode())
        own = place.read_bytes()
    except OSError as error:
        raise UserError(f"{place} can't be used: {error.strerror}") from error
    where = f"{_machine()} {folder.resolve()}"
    return hashlib.sha256(own + where.encode(errors="surrogateescape")).hexdigest()[:_CHARACTERS]


def _machine() -> str:
    try:
        return _MACHINE.read_text("ascii", "replace").strip()
    except OSError:  # many containers have none
        return ""
