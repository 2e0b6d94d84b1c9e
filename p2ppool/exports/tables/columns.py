"""Columns and tables of exports, declared as data for queries, help, docs and choosers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute


class Type(StrEnum):
    """The type of a column's cells; the values are names for people."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TIME = "time"
    FLAG = "true or false"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: the name in the header.
        value: the value of a row, as an SQL expression.
        type: the type of all its cells that are not empty.
        meaning: one line for whoever reads the file.
        unit: such as "seconds"; empty if there is none.
    """

    name: str
    value: ColumnElement[Any] | InstrumentedAttribute[Any]
    type: Type
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """Everything that can be exported of one kind.

    Rows are ordered by parent, such as by snapshot: so they are read in short, bounded queries, and neither
    side has to sort or to hold more than a few parents' rows.

    Attributes:
        meaning: what a row is, and which of its times counts.
        columns: in the order of the file.
        moment: the time that has to lie in the period.
        parent: the id by which rows are ordered first.
        order: the order of the rows of one parent.
        rows: selects the rows of a pool (by id), without columns, conditions on time, or order.
        parents: selects id and number of rows of each parent of a pool (by id), without conditions on time or
            order.
    """

    meaning: str
    columns: tuple[Column, ...]
    moment: InstrumentedAttribute[datetime]
    parent: InstrumentedAttribute[int]
    order: tuple[InstrumentedAttribute[int], ...]
    rows: Callable[[int], Select[Any]]
    parents: Callable[[int], Select[int, int]]
