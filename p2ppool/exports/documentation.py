"""Writes the columns of exports as a page of the documentation.

`python -m p2ppool.exports.documentation > docs/columns.md` updates it.
"""

import sys
from collections.abc import Iterator

from p2ppool.exports.tables.columns import Table
from p2ppool.exports.tables.tables import TABLES

_HEAD = """# Columns of exports

What [exports](exports.md) can contain. All times are UTC; CSV has them in ISO 8601 with microseconds and a
`Z`, Parquet as timestamps. An empty cell means that the value is unknown. This page is generated from the
program's declarations.
"""


def documentation() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *(line for kind, table in TABLES.items() for line in _section(kind, table))])


def _section(kind: str, table: Table) -> Iterator[str]:
    yield f"## {kind}\n\n{table.meaning}\n"
    yield "| column | type | unit | meaning |\n|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.type} | {column.unit} | {column.meaning} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(documentation())
