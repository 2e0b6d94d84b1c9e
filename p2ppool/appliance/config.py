"""`group_appliance.config`: the settings of a machine in a group's grid, read by a shell when it starts."""

import re
from enum import StrEnum
from typing import Final

from p2ppool.errors import UserError
from p2ppool.groupvpn.names import checked_name

_LONGEST_PASSWORD: Final = 128
_PASSWORD: Final = re.compile(r"[ -~]+")  # printable ASCII: no line ends in the middle


class MachineType(StrEnum):
    """The role of a machine in the grid."""

    SERVER = "Server"
    WORKER = "Worker"
    CLIENT = "Client"


def write_appliance_config(kind: MachineType, group: str, user: str, password: str = "") -> bytes:
    """Write the file.

    Args:
        kind: the machine's role.
        group: the GroupAppliance's name.
        user: the user for whose jobs it works.
        password: the password of the appliance; empty for none.

    Raises:
        UserError: a value that can't be quoted.
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
    """Quote the text in single quotes, in which only a single quote is special to a POSIX shell."""
    if len(password) > _LONGEST_PASSWORD or not _PASSWORD.fullmatch(password):
        raise UserError(
            f"appliance password: up to {_LONGEST_PASSWORD} printable ASCII characters, without line ends"
        )
    return "'" + password.replace("'", "'\\''") + "'"
