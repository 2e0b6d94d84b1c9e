"""Columns and tables of exports, declared as data: queries, help, docs and choosers come from there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute


class Type(StrEnum):
    """What a column's cells are; the values are how a person reads them."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TIME = "time"
    FLAG = "true or false"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: in the header.
        value: what a row has there, as SQL.
        type: of all its cells that are not empty.
        meaning: one line for whoever reads the file.
        unit: such as "seconds"; empty where there is none.
    """

    name: str
    value: ColumnElement[Any] | InstrumentedAttribute[Any]
    type: Type
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """All that can be exported of one kind.

    Rows come parent by parent, such as snapshot by snapshot: so they are read in short, bounded queries, and
    neither side has to sort or to hold more than a few parents' rows.

    Attributes:
        meaning: what a row is, and which time of it counts.
        columns: in the order of the file.
        moment: the time that has to lie in the period.
        parent: the id by which rows are ordered first.
        order: what orders the rows of one parent.
        rows: of a pool (its id), without columns, conditions on time or order.
        parents: id and number of rows of each parent of a pool (its id), without conditions on time or order.
    """

    meaning: str
    columns: tuple[Column, ...]
    moment: InstrumentedAttribute[datetime]
    parent: InstrumentedAttribute[int]
    order: tuple[InstrumentedAttribute[int], ...]
    rows: Callable[[int], Select[Any]]
    parents: Callable[[int], Select[int, int]]
