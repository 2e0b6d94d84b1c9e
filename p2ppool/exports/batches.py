"""Dividing an export into bounded queries: some parents each, all read in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Select, func, select

from p2ppool.exports.tables.columns import Table
from p2ppool.exports.wanted import ExportRequest
from p2ppool.reports.period import Period

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])
_ROWS: Final = 20_000  # after which a batch gets no further parent


@dataclass(frozen=True)
class Batch:
    """The parents from `first` to `last`, which have so many rows."""

    first: int
    last: int
    rows: int


@contextmanager
def reading_all(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees the database as it is now, however long it reads, and locks nothing."""
    # SQLite's transactions are so by themselves, and naming a level there would undo what makes them begin.
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(writes=False, **level) as connection:
        yield connection


def batches(connection: Connection, wanted: ExportRequest) -> list[Batch]:
    """All of what is wanted, the oldest first."""
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
    """How many rows there are of what is wanted."""
    parents = _in_period(wanted.table.parents(wanted.pool_id), wanted.table, wanted.period).subquery()
    with engine.connect().execution_options(writes=False) as connection:
        return int(connection.scalar(select(func.sum(parents.c[1]))) or 0)


def rows_of(wanted: ExportRequest, batch: Batch) -> Select[Any]:
    """The rows of that batch in order; the caller says which columns."""
    table = wanted.table
    rows = _in_period(table.rows(wanted.pool_id), table, wanted.period)
    return rows.where(table.parent.between(batch.first, batch.last)).order_by(table.parent, *table.order)


def _in_period(statement: Rows, table: Table, period: Period) -> Rows:
    if period.start is not None:
        statement = statement.where(table.moment >= period.start)
    if period.end is not None:
        statement = statement.where(table.moment < period.end)
    return statement
