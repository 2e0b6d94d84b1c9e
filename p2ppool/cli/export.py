"""`p2ppool export`: data for analysis, to a file or a pipe."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from p2ppool.cli.terminal.output import print_rows
from p2ppool.errors import UserError
from p2ppool.exports.tables.names import ExportKind, Format

if TYPE_CHECKING:  # `--help` must not wait for SQLAlchemy
    from p2ppool.exports.stream import OnProgress
    from p2ppool.exports.wanted import ExportRequest

_STDOUT = "-"
_CLOSED_PIPE = 141  # 128 + SIGPIPE, as shells report a writer that nobody reads any more


def export(
    kind: Annotated[ExportKind, typer.Argument(help="The kind of rows.", show_default=False)],
    pool: Annotated[str | None, typer.Option(metavar="NAME", help="The pool.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From this moment on, such as 2026-03-01.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Up to this moment, excluded.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="These columns, in this order; default: all.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="The file format.")] = Format.CSV,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="The output file; -: standard output.")
    ] = "-",
    list_columns: Annotated[bool, typer.Option("--list-columns", help="Only list the columns.")] = False,
) -> None:
    """Export rows of a pool as CSV or Parquet; times are ISO 8601, in UTC unless they name a time zone."""
    from p2ppool.cli.terminal.database import store
    from p2ppool.exports.stream import blocks
    from p2ppool.exports.wanted import listed, wanted

    if list_columns:
        _print_columns(kind)
        return
    if pool is None:
        raise typer.BadParameter("give the pool: --pool NAME")
    if form is Format.PARQUET and output == _STDOUT and sys.stdout.isatty():
        raise typer.BadParameter("Parquet can't be shown on a terminal: --output FILE")
    engine = store()
    request = wanted(engine, kind, pool, start=start, end=end, columns=listed(columns))
    with _progress(request, shown=output != _STDOUT or not sys.stdout.isatty()) as tell:
        _write(blocks(engine, request, form, tell), output)


def _print_columns(kind: ExportKind) -> None:
    from p2ppool.exports.tables.tables import TABLES

    rows = [
        {"column": column.name, "type": str(column.type), "unit": column.unit, "meaning": column.meaning}
        for column in TABLES[kind].columns
    ]
    print_rows(rows, as_json=False, empty="", title=TABLES[kind].meaning)


def _write(pieces: Iterator[bytes], output: str) -> None:
    from p2ppool.exports.files import write_whole

    if output != _STDOUT:
        write_whole(pieces, Path(output))
        return
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it closes the stream on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_CLOSED_PIPE) from None
    except OSError as error:
        raise UserError(f"standard output can't be written: {error.strerror}") from error


@contextmanager
def _progress(request: "ExportRequest", *, shown: bool) -> "Iterator[OnProgress]":
    """Show a progress bar on standard error, if that is a terminal that standard output does not use."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as bars:
        bar = bars.add_task(f"{request.kind} of {request.pool}", total=None)

        def tell(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total)

        yield tell
