"""Rows as CSV (RFC 4180), built inside the database, with the same bytes on both databases.

PostgreSQL writes rows with COPY, with our expressions for times, flags and texts that could be formulas.
SQLite has nothing like it: there one expression joins a row's cells, quoted the way COPY quotes: a cell with
a comma, a quote or a line break, and an empty text, so that it differs from an unknown value, which is
nothing at all.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Text, case, cast, func, literal, or_, type_coerce

from p2ppool.exports.formats.numbers import number_text
from p2ppool.exports.tables.columns import Column, Type
from p2ppool.reports.formulas import BREAKS, GUARDED, SIGNS, START, guarded

_CRLF: Final = "\r\n"
_AT_ONCE: Final = 500  # rows
_NUMBER: Final = "p2ppool_number"
_TO_BE_QUOTED: Final = '*[,"\r\n]*'  # GLOB of SQLite
_MAY_BE_FORMULA: Final = (f'["{SIGNS}]*', f"*[;{BREAKS}]*")  # GLOBs, as most texts are none
_GUARDED: Final = "p2ppool_guarded"
_ISO: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def header(columns: Sequence[Column]) -> bytes:
    """Return the first line."""
    return (",".join(column.name for column in columns) + _CRLF).encode()


def csv_rows(connection: Connection, columns: Sequence[Column], rows: Select[Any]) -> Iterator[bytes]:
    """Yield the rows as lines, one or more at a time."""
    if connection.dialect.name == "sqlite":
        return _from_sqlite(connection, columns, rows)
    return _from_postgresql(connection, columns, rows)


def prepare(connection: Connection) -> None:
    """Make numbers keep all their digits; to be called once for each connection."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.create_function(_NUMBER, 1, number_text, deterministic=True)
        raw.create_function(_GUARDED, 1, guarded, deterministic=True)
    else:
        connection.exec_driver_sql("SET LOCAL extra_float_digits = 1")


def _from_postgresql(connection: Connection, columns: Sequence[Column], rows: Select[Any]) -> Iterator[bytes]:
    cells = [_in_postgresql(column).label(column.name) for column in columns]
    compiled = rows.with_only_columns(*cells, maintain_column_froms=True).compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    raw: Any = connection.connection.driver_connection
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", compiled.params) as copy,
    ):
        for line in copy:  # each message is one row and ends in LF (PostgreSQL, 55.2.6 COPY Operations)
            yield bytes(line)[:-1] + b"\r\n"


def _from_sqlite(connection: Connection, columns: Sequence[Column], rows: Select[Any]) -> Iterator[bytes]:
    cells = [_in_sqlite(column) for column in columns]
    line = reduce(lambda left, right: left.concat(",").concat(right), cells).concat(_CRLF)
    statement = rows.with_only_columns(line, maintain_column_froms=True)
    with connection.execute(statement, execution_options={"yield_per": _AT_ONCE}) as found:
        for lines in found.scalars().partitions():
            yield "".join(lines).encode()


def _in_postgresql(column: Column) -> ColumnElement[Any]:
    value = column.value
    if column.type is Type.TIME:
        return func.to_char(func.timezone("UTC", value), _ISO)
    if column.type is Type.FLAG:
        return _flag(column)
    if column.type is Type.TEXT:
        text = type_coerce(value, Text)
        safe = func.regexp_replace(text, START, GUARDED, "g")
        return case((func.substr(text, 1, 1).in_(tuple(BREAKS)), literal("'").concat(safe)), else_=safe)
    if column.type is Type.NUMBER:
        return value + literal(0.0)  # no minus zero: SQLite does not keep it
    return type_coerce(value, value.type)


def _in_sqlite(column: Column) -> ColumnElement[str]:
    """Return an expression that is never NULL, which would turn the whole line into NULL."""
    if column.type is Type.INTEGER:
        return func.coalesce(cast(column.value, Text), "")
    if column.type is Type.NUMBER:
        return func.coalesce(func.p2ppool_number(column.value), "", type_=Text)
    if column.type is Type.TIME:  # stored as `2026-03-01 12:30:00.000000`
        moment = func.replace(type_coerce(column.value, Text), " ", "T").concat(".000000")
        return func.coalesce(func.substr(moment, 1, 26).concat("Z"), "")
    if column.type is Type.FLAG:
        return func.coalesce(_flag(column), "")
    text = type_coerce(column.value, Text)
    may_be_formula = or_(*(text.op("GLOB")(pattern) for pattern in _MAY_BE_FORMULA))
    safe = case((may_be_formula, func.p2ppool_guarded(text)), else_=text)
    return case(
        (text.is_(None), ""),
        (text == "", '""'),
        (text.op("GLOB")(_TO_BE_QUOTED), literal('"').concat(func.replace(safe, '"', '""')).concat('"')),
        else_=safe,
    )


def _flag(column: Column) -> ColumnElement[str]:
    return case((column.value.is_(True), "true"), (column.value.is_(False), "false"))
