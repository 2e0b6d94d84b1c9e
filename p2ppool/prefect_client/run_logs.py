"""Log lines of a run, read in pages from Prefect's REST API."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from p2ppool.prefect_client.client import PAGE, PrefectApi

_LATE: Final = timedelta(seconds=5)
"""Lines come in batches and from several threads: a later one may be older than the last one read."""
_PAGES: Final = 5  # pages per update
_KEPT: Final = 1000  # lines
_LONGEST: Final = 2000  # characters of a line


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: `level` as in Python's logging (20 INFO, 30 WARNING, 40 ERROR), `text` untrusted."""

    at: datetime
    level: int
    text: str


class RunLog:
    """The latest lines of one run from a level upwards, numbered from 1 as received; for one thread."""

    def __init__(self, run: str, level: int = 0) -> None:
        """Prepare the log of the Prefect run with the id `run`; nothing is read yet."""
        self._run = run
        self._level = level
        self._lines: OrderedDict[int, LogLine] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()  # ids of lines
        self._last: datetime | None = None
        self.number = 0
        self.cut = False

    def update(self, api: PrefectApi) -> None:
        """Read new lines.

        Raises:
            UserError: no server answers.
        """
        if self._last is None:
            self._begin(api)
            return
        for page in range(_PAGES):
            rows = self._rows(api, "TIMESTAMP_ASC", page, self._last - _LATE)
            self._add(rows)
            if len(rows) < PAGE:
                return
        self._begin(api)  # too much to catch up with

    def after(self, number: int) -> list[tuple[int, LogLine]]:
        """Return the lines with a higher number, each with its number."""
        return [(at, line) for at, line in self._lines.items() if at > number]

    def _begin(self, api: PrefectApi) -> None:
        """Read the end of the log; the start of a long one is left out."""
        found: list[dict[str, Any]] = []
        for page in range(_PAGES):
            rows = self._rows(api, "TIMESTAMP_DESC", page)
            found += rows
            if len(rows) < PAGE:
                break
        else:
            self.cut = True
        self._add(found[::-1])

    def _rows(
        self, api: PrefectApi, sort: str, page: int, after: datetime | None = None
    ) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {"flow_run_id": {"any_": [self._run]}, "level": {"ge_": self._level}}
        if after is not None:
            wanted["timestamp"] = {"after_": after.isoformat()}
        body = {"logs": wanted, "sort": sort, "limit": PAGE, "offset": page * PAGE}
        rows: list[dict[str, Any]] = api.call("POST", "/logs/filter", body)
        return rows

    def _add(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["id"] in self._known:
                continue
            self._known[row["id"]] = None
            line = _line_of(row)
            self.number += 1
            self._lines[self.number] = line
            self._last = max(self._last or line.at, line.at)
        self._forget()

    def _forget(self) -> None:
        while len(self._lines) > _KEPT:
            self._lines.popitem(last=False)
            self.cut = True
        while len(self._known) > 2 * _KEPT:
            self._known.popitem(last=False)


def _line_of(row: dict[str, Any]) -> LogLine:
    return LogLine(
        datetime.fromisoformat(row["timestamp"]), int(row["level"]), str(row["message"])[:_LONGEST]
    )
