"""Divides an export into bounded queries of some parents each, all read in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Select, func, select

from p2ppool.exports.tables.columns import Table
from p2ppool.exports.wanted import ExportRequest
from p2ppool.reports.period import Period

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])
_ROWS: Final = 20_000  # after which no further parent is added to a batch


@dataclass(frozen=True)
class Batch:
    """The parents from `first` to `last`, and the number of their rows."""

    first: int
    last: int
    rows: int


@contextmanager
def reading_all(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees the current state of the database,
    however long it reads, and locks nothing.
    """
    # SQLite's transactions do so by themselves, and naming a level there would undo what begins them.
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(writes=False, **level) as connection:
        yield connection


def batches(connection: Connection, wanted: ExportRequest) -> list[Batch]:
    """Return the batches of the export, the oldest first."""
    statement = _in_period(wanted.table.parents(wanted.pool_id), wanted.table, wanted.period)
    found: list[Batch] = []
    first, rows = None, 0
    last = 0
    for parent, count in connection.execute(statement.order_by(wanted.table.parent)):
        if first is not None and rows + count > _ROWS:
            found.append(Batch(first, last, rows))
            first, rows = None, 0
        first, last, rows = parent if first is None else first, parent, rows + count
    return found if first is None else [*found, Batch(first, last, rows)]


def number_of_rows(engine: Engine, wanted: ExportRequest) -> int:
    """Count the rows of the export."""
    parents = _in_period(wanted.table.parents(wanted.pool_id), wanted.table, wanted.period).subquery()
    with engine.connect().execution_options(writes=False) as connection:
        return int(connection.scalar(select(func.sum(parents.c[1]))) or 0)


def rows_of(wanted: ExportRequest, batch: Batch) -> Select[Any]:
    """Select the rows of that batch in order; the caller chooses the columns."""
    table = wanted.table
    rows = _in_period(table.rows(wanted.pool_id), table, wanted.period)
    return rows.where(table.parent.between(batch.first, batch.last)).order_by(table.parent, *table.order)


def _in_period(statement: Rows, table: Table, period: Period) -> Rows:
    if period.start is not None:
        statement = statement.where(table.moment >= period.start)
    if period.end is not None:
        statement = statement.where(table.moment < period.end)
    return statement
