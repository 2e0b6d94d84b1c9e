"""Names of export kinds and formats; light, so that `--help` need not load a database library."""

from enum import StrEnum
from typing import Final


class ExportKind(StrEnum):
    """The subject of one row of an export."""

    NODE_STATS = "node-stats"
    SYSTEM_STATS = "system-stats"
    HOST_STATS = "host-stats"
    ACTIONS = "actions"


class Format(StrEnum):
    """The format of an export; the values are the files' suffixes."""

    CSV = "csv"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        """The media type in HTTP (RFC 7111; the IANA registration of Parquet)."""
        if self is Format.CSV:
            return "text/csv; charset=utf-8; header=present"
        return "application/vnd.apache.parquet"


EXPORT_FLOW: Final = "export-csv"
"""Name of the flow that exports into the data folder. It only reads, so it takes no turn of the pool."""
