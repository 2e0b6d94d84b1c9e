"""Old names of commands: hidden, they still work for one release and say what the command is called now."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer


def add_alias(app: typer.Typer, old: str, new: str, command: Callable[..., None]) -> None:
    """Add `command` under its old name too.

    Args:
        app: the group of commands that had the old name.
        old: the old name in that group.
        new: the whole new command, without `p2ppool`.
        command: what both run.
    """

    @wraps(command)
    def renamed(*given: Any, **named: Any) -> None:
        say_renamed(new)
        command(*given, **named)

    app.command(old, hidden=True)(renamed)


def say_renamed(new: str) -> None:
    """Say on standard error what the command is called now, so that JSON on standard output stays JSON."""
    typer.echo(
        f"p2ppool: this command is now `p2ppool {new}`; the old name goes with the next release", err=True
    )
