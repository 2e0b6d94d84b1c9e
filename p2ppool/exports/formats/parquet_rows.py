"""Rows as Parquet: typed columns, times as UTC timestamps, in row groups of bounded size."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Select

from p2ppool.exports.tables.columns import Column, Type

_AT_ONCE: Final = 5_000  # rows that are Python objects at the same time
_GROUP: Final = 100_000  # rows

_TYPES: Final = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.FLAG: pa.bool_(),
}


class ParquetStream:
    """Turns record batches into the bytes of one file, a row group at a time."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """Begin a file with these columns; it includes their meanings and units."""
        self._schema = pa.schema([_field(column) for column in columns])
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Add rows; return the bytes to write now, which are often none."""
        turned = zip(*rows, strict=True)
        arrays = [
            pa.array(list(cells), field.type) for cells, field in zip(turned, self._schema, strict=True)
        ]
        self._waiting.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        if sum(batch.num_rows for batch in self._waiting) >= _GROUP:
            self._write_group()
        return self._sink.taken()

    def end(self) -> bytes:
        """Return the last rows and the footer, without which the file can't be read."""
        if self._waiting:
            self._write_group()
        self._writer.close()
        return self._sink.taken()

    def _write_group(self) -> None:
        self._writer.write_table(
            pa.Table.from_batches(self._waiting, self._schema), row_group_size=2 * _GROUP
        )
        self._waiting.clear()


def typed_rows(
    connection: Connection, columns: Sequence[Column], rows: Select[Any]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield the rows as Python values, some at a time."""
    cells = [column.value.label(column.name) for column in columns]
    statement = rows.with_only_columns(*cells, maintain_column_froms=True)
    with connection.execute(statement, execution_options={"yield_per": _AT_ONCE}) as found:
        yield from found.partitions()


def _field(column: Column) -> pa.Field:
    about = {"meaning": column.meaning} | ({"unit": column.unit} if column.unit else {})
    return pa.field(column.name, _TYPES[column.type], metadata=about)


class _Sink(io.RawIOBase):
    """Holds what the writer writes until it is taken."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._length

    def write(self, data: Any, /) -> int:
        block = bytes(data)
        self._blocks.append(block)
        self._length += len(block)
        return len(block)

    def taken(self) -> bytes:
        data = b"".join(self._blocks)
        self._blocks.clear()
        return data


def parquet_blocks(columns: Sequence[Column], rows: Iterable[Sequence[Sequence[Any]]]) -> Iterator[bytes]:
    """Yield the bytes of the file."""
    stream = ParquetStream(columns)
    for some in rows:
        yield stream.add(some)
    yield stream.end()
