"""Output of commands: tables for people, JSON for programs.

Much of what is shown others have written, on pages and on hosts: it must not send control sequences to a
terminal, nor turn the order of letters there.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_json(data: object) -> None:
    """Print `data` to standard output; times in ISO 8601."""
    text = json.dumps(data, indent=2, default=str, ensure_ascii=False)
    # Only strings can have any but the line ends in between, and there an escape means the same.
    typer.echo("".join(char if _is_harmless(char) else json.dumps(char)[1:-1] for char in text))


def printable(text: str) -> str:
    """Return the text with a blank for each character that is none to see; lines stay."""
    return "".join(char if _is_harmless(char) else " " for char in text)


def print_rows(
    rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str, title: str | None = None
) -> None:
    """Print rows with the same fields as a table or as JSON; `empty` replaces a table without rows."""
    if as_json:
        print_json([dict(row) for row in rows])
    elif rows:
        _print_table(rows, title)
    else:
        typer.echo(empty)


def _print_table(rows: Sequence[Mapping[str, Any]], title: str | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for field in rows[0]:
        table.add_column(field.replace("_", " "), overflow="fold")
    for row in rows:
        # Text, not markup: output of hosts and nodes must not become colours or links.
        table.add_row(*(Text(_readable(value)) for value in row.values()))
    Console().print(table)


def _readable(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3f}"
    return printable(str(value))


def _is_harmless(char: str) -> bool:
    return char.isprintable() or char == "\n"
