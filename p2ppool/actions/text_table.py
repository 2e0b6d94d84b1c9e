"""Parses tables written as text: columns separated by `|`, a header, and a name before each row."""

from collections.abc import Mapping
from types import MappingProxyType

TextTable = Mapping[str, Mapping[str, str]]
"""The cells by row and column."""


def read_table(text: str) -> TextTable:
    """Parse a table; every row has a unique name and a cell for each column.

    Raises:
        ValueError: two rows or columns share a name, or a row has more or fewer cells than there are columns.
    """
    (_, *columns), *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    names = [name for name, *_ in rows]
    if len(set(columns)) < len(columns) or len(set(names)) < len(names):
        raise ValueError(f"a name stands twice in {columns} or {names}")
    if uneven := [name for name, *cells in rows if len(cells) != len(columns)]:
        raise ValueError(f"{uneven} have more or fewer cells than there are columns: {columns}")
    return MappingProxyType(
        {name: MappingProxyType(dict(zip(columns, cells, strict=True))) for name, *cells in rows}
    )
