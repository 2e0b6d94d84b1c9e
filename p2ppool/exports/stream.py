"""An export as a stream of bytes, in memory that does not grow with the rows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sqlalchemy import Engine

from p2ppool.exports.batches import Batch, batches, reading_all, rows_of
from p2ppool.exports.formats import csv_rows
from p2ppool.exports.tables.names import Format
from p2ppool.exports.wanted import ExportRequest

_BLOCK: Final = 64 * 1024  # bytes

Tell = Callable[[int, int], None]
"""Is told how many rows of how many are done."""


def _nobody(_done: int, _total: int) -> None:
    pass


def blocks(engine: Engine, wanted: ExportRequest, form: Format, tell: Tell = _nobody) -> Iterator[bytes]:
    """The bytes of the file, beginning with CSV's header at once.

    All is read in one transaction, so what happens meanwhile does not show. It locks nothing.
    """
    if form is Format.CSV:
        yield csv_rows.header(wanted.columns)
        yield from _joined(_csv(engine, wanted, tell))
    else:
        yield from _joined(_parquet(engine, wanted, tell))


def _csv(engine: Engine, wanted: ExportRequest, tell: Tell) -> Iterator[bytes]:
    with reading_all(engine) as connection:
        csv_rows.prepare(connection)
        for batch in _told(batches(connection, wanted), tell):
            yield from csv_rows.csv_rows(connection, wanted.columns, rows_of(wanted, batch))


def _parquet(engine: Engine, wanted: ExportRequest, tell: Tell) -> Iterator[bytes]:
    # Only who wants Parquet waits for its library.
    from p2ppool.exports.formats.parquet_rows import parquet_blocks, typed_rows  # noqa: PLC0415

    with reading_all(engine) as connection:
        rows = (
            some
            for batch in _told(batches(connection, wanted), tell)
            for some in typed_rows(connection, wanted.columns, rows_of(wanted, batch))
        )
        yield from parquet_blocks(wanted.columns, rows)


def _told(found: list[Batch], tell: Tell) -> Iterator[Batch]:
    done, total = 0, sum(batch.rows for batch in found)
    for batch in found:
        tell(done, total)
        yield batch
        done += batch.rows
    tell(done, total)


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of a size that files and sockets like."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)
