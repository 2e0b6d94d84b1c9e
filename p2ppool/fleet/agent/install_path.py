"""The places on hosts where a pool may be installed."""

from typing import Final

from p2ppool.errors import UserError, one_line

_LIMIT: Final = 400


def check_install_path(path: str) -> None:
    """Check that the path can be a folder of the pool's own: absolute, or relative to the user's home.

    Only the agent on a host can tell what the path is there (a link, a home, somebody else's folder).

    Raises:
        UserError: the path is empty, the root or home folder, contains `..` or unprintable characters, or is
            too long.
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
