"""The data folder: everything in it is for its owner alone."""

import os
import stat
from pathlib import Path

from p2ppool.errors import UserError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def prepare_data_folder(folder: Path) -> None:
    """Create the folder if it is missing, and check that only its owner, who is this user, may use it.

    Raises:
        UserError: others may, or it can't be created; the message has the command that repairs it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise UserError(f"the data folder {folder} can't be made: {error.strerror}") from None
    if status.st_uid != os.geteuid():
        raise UserError(f"the data folder {folder} belongs to another user: run p2ppool as that user")
    if status.st_mode & _OTHERS:
        raise UserError(f"others may use the data folder, which holds secrets: chmod go= {folder}")
