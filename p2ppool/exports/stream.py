"""An export as a stream of bytes, in memory that does not grow with the number of rows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sqlalchemy import Engine

from p2ppool.exports.batches import Batch, batches, reading_all, rows_of
from p2ppool.exports.formats import csv_rows
from p2ppool.exports.tables.names import Format
from p2ppool.exports.wanted import ExportRequest

_BLOCK: Final = 64 * 1024  # bytes

OnProgress = Callable[[int, int], None]
"""Called with the number of rows done and the total."""


def _ignore_progress(_done: int, _total: int) -> None:
    pass


def blocks(
    engine: Engine, wanted: ExportRequest, form: Format, on_progress: OnProgress = _ignore_progress
) -> Iterator[bytes]:
    """Yield the bytes of the file, beginning with CSV's header at once.

    Everything is read in one transaction, so concurrent changes do not show. It locks nothing.
    """
    if form is Format.CSV:
        yield csv_rows.header(wanted.columns)
        yield from _joined(_csv(engine, wanted, on_progress))
    else:
        yield from _joined(_parquet(engine, wanted, on_progress))


def _csv(engine: Engine, wanted: ExportRequest, on_progress: OnProgress) -> Iterator[bytes]:
    with reading_all(engine) as connection:
        csv_rows.prepare(connection)
        for batch in _with_progress(batches(connection, wanted), on_progress):
            yield from csv_rows.csv_rows(connection, wanted.columns, rows_of(wanted, batch))


def _parquet(engine: Engine, wanted: ExportRequest, on_progress: OnProgress) -> Iterator[bytes]:
    # Imported here, since the library is slow to load and only needed for Parquet.
    from p2ppool.exports.formats.parquet_rows import parquet_blocks, typed_rows  # noqa: PLC0415

    with reading_all(engine) as connection:
        rows = (
            some
            for batch in _with_progress(batches(connection, wanted), on_progress)
            for some in typed_rows(connection, wanted.columns, rows_of(wanted, batch))
        )
        yield from parquet_blocks(wanted.columns, rows)


def _with_progress(found: list[Batch], on_progress: OnProgress) -> Iterator[Batch]:
    done, total = 0, sum(batch.rows for batch in found)
    for batch in found:
        on_progress(done, total)
        yield batch
        done += batch.rows
    on_progress(done, total)


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup the bytes into blocks of a size that suits files and sockets."""
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
