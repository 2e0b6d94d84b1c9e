"""What can be exported and how, by name; light, so that `--help` need not wait for a database library."""

from enum import StrEnum
from typing import Final


class ExportKind(StrEnum):
    """What one row of an export is about."""

    NODE_STATS = "node-stats"
    SYSTEM_STATS = "system-stats"
    HOST_STATS = "host-stats"
    ACTIONS = "actions"


class Format(StrEnum):
    """How rows are written; the values are the files' suffixes."""

    CSV = "csv"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """As HTTP names it (RFC 7111; the IANA registration of Parquet)."""
        if self is Format.CSV:
            return "text/csv; charset=utf-8; header=present"
        return "application/vnd.apache.parquet"


EXPORT_FLOW: Final = "export-csv"
"""Name of the flow that exports into the data folder. It only reads, so it takes no turn of the pool."""
