"""Old names of commands: hidden, they work for one more release and print the new name."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer


def add_alias(app: typer.Typer, old: str, new: str, command: Callable[..., None]) -> None:
    """Add `command` under its old name, too.

    Args:
        app: the group of commands that had the old name.
        old: the old name in that group.
        new: the whole new command, without `p2ppool`.
        command: the function that both run.
    """

    @wraps(command)
    def renamed(*given: Any, **named: Any) -> None:
        print_renamed(new)
        command(*given, **named)

    app.command(old, hidden=True)(renamed)


def print_renamed(new: str) -> None:
    """Print the command's new name on standard error, so that JSON on standard output stays valid."""
    typer.echo(
        f"p2ppool: this command is now `p2ppool {new}`; the old name will be removed in the next release",
        err=True,
    )
