"""Commands with their arguments and options, as the command line declares them."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from p2ppool.cli import app
from p2ppool.documentation.markdown import table

_VALUES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "int": "N",
        "int range": "N",
        "float": "X",
        "str": "TEXT",
        "list[str]": "TEXT",
        "path": "FILE",
    }
)
"""What stands for the value of an option that names none."""


def commands() -> dict[str, TyperCommand]:
    """Return every command that is not hidden, by its words behind `p2ppool`."""
    return dict(_walk(typer.main.get_command(app), ()))


def list_of_commands(_: str) -> str:
    """Build the table of all commands, each with the first line of its help."""
    rows = [
        [f"[`p2ppool {name}`](#p2ppool-{name.replace(' ', '-')})", _first_line(command)]
        for name, command in sorted(commands().items())
    ]
    return table(["command", "what it does"], rows)


def usage(name: str) -> str:
    """Build the usage line of a command, what it does and the table of its options.

    Raises:
        KeyError: no command has this name.
    """
    command = commands()[name]
    context = typer.Context(command)
    arguments = [_argument(parameter) for parameter in command.params if isinstance(parameter, TyperArgument)]
    options = [option for option in command.params if isinstance(option, TyperOption) and not option.hidden]
    line = " ".join(["    p2ppool", name, *arguments, *(["[OPTIONS]"] if options else [])])
    rows = [[_names(option, context), _meaning(option)] for option in options]
    return "\n\n".join([line, _first_line(command), *([table(["option", "meaning"], rows)] if rows else [])])


def _walk(group: object, words: tuple[str, ...]) -> Iterator[tuple[str, TyperCommand]]:
    assert isinstance(group, TyperGroup)  # noqa: S101 - only groups are walked
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _walk(command, (*words, name))
        elif isinstance(command, TyperCommand) and not command.hidden:
            yield " ".join((*words, name)), command


def _argument(argument: TyperArgument) -> str:
    name = (argument.metavar or argument.name or "").upper().strip("[]{}.")
    name = f"{name}…" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _names(option: TyperOption, context: typer.Context) -> str:
    """Write an option with what it takes: `--output FILE`, `-o FILE`."""
    shown = option.metavar or option.display_type(context).strip("<>")
    value = "" if option.is_flag else f" {_VALUES.get(shown, shown)}"
    return ", ".join(f"`{name}{value}`" for name in (*option.opts, *option.secondary_opts))


def _meaning(option: TyperOption) -> str:
    needed = " Required." if option.required else ""
    default = option.default
    is_shown = isinstance(default, int | str) and default != "" and not option.is_flag
    return f"{option.help or ''}{needed}{f' Default: `{default}`.' if is_shown else ''}".strip()


def _first_line(command: TyperCommand) -> str:
    return (command.help or "").partition("\n\n")[0].replace("\n", " ").strip()
