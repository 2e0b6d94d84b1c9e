"""`group_appliance.config`: what a machine of a group's grid is, read by a shell when it starts."""

import re
from enum import StrEnum
from typing import Final

from p2ppool.errors import UserError
from p2ppool.groupvpn.names import checked_name

_LONGEST_PASSWORD: Final = 128
_PASSWORD: Final = re.compile(r"[ -~]+")  # printable ASCII: no line ends in the middle


class MachineType(StrEnum):
    """What it does in the grid."""

    SERVER = "Server"
    WORKER = "Worker"
    CLIENT = "Client"


def write_appliance_config(kind: MachineType, group: str, user: str, password: str = "") -> bytes:
    """The bytes of the file.

    Args:
        kind: of machine.
        group: the GroupAppliance's name.
        user: whose jobs it is for.
        password: of the appliance; empty: none.

    Raises:
        UserError: a value could not be kept inside its quotes.
    """
    lines = [
        f"MACHINE_TYPE={kind}",
        f'CONDOR_GROUP="{checked_name(group, "group")}"',
        f'CONDOR_USER="{checked_name(user, "user")}"',
    ]
    if password:
        lines.append(f"GA_PASSWORD={_quoted(password)}")
    return "".join(f"{line}\n" for line in lines).encode()


def _quoted(password: str) -> str:
    """In single quotes, in which a POSIX shell takes everything but a single quote as it is."""
    if len(password) > _LONGEST_PASSWORD or not _PASSWORD.fullmatch(password):
        raise UserError(
            f"appliance password: up to {_LONGEST_PASSWORD} printable ASCII characters, without line ends"
        )
    return "'" + password.replace("'", "'\\''") + "'"
