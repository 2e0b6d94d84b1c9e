"""Where on the hosts a pool may live."""

from typing import Final

from p2ppool.errors import UserError, one_line

_LIMIT: Final = 400


def check_install_path(path: str) -> None:
    """Let through what can be a folder of our own: absolute, or relative to the user's home.

    What it is on a given host (a link, a home, another's folder) only that host's agent can tell.

    Raises:
        UserError: empty, the root or home folder, `..` in it, unprintable characters, or very long.
    """
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if not parts:
        raise UserError(f"install path {_quoted(path)} would be a root or home folder: name one below it")
    if ".." in parts:
        raise UserError(f"install path {_quoted(path)} has '..' in it: write it without")
    if parts[0].startswith("~"):
        raise UserError(
            f"install path {_quoted(path)}: leave out the '~', a relative path starts at the user's home"
        )
    if not path.isprintable():
        raise UserError(f"install path {_quoted(path)} has unprintable characters")
    if len(path.encode()) > _LIMIT:
        raise UserError(f"install path {_quoted(path)} has more than {_LIMIT} bytes")


def _quoted(path: str) -> str:
    return f"“{one_line(path, 60)}”"
