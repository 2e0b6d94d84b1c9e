"""The columns of exports as tables of the documentation; `scripts/document` puts them into docs/."""

from collections.abc import Iterator

from p2ppool.exports.tables.columns import Table
from p2ppool.exports.tables.tables import TABLES


def tables_of_columns() -> str:
    """Build a section for each kind of export: what a row is, and its columns."""
    return "\n".join(line for kind, table in TABLES.items() for line in _section(kind, table)).strip()


def _section(kind: str, table: Table) -> Iterator[str]:
    yield f"## {kind}\n\n{table.meaning}\n"
    yield "| column | type | unit | meaning |\n|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.type} | {column.unit} | {column.meaning} |"
    yield ""
