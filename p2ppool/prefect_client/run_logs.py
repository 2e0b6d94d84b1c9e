"""Log lines of a run, from Prefect's REST API, a part at a time."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from p2ppool.prefect_client.client import PAGE, PrefectApi

_LATE: Final = timedelta(seconds=5)
"""Lines come in batches and from several threads: a later look may bring one from before the last seen."""
_PAGES: Final = 5  # answers that one look may take
_KEPT: Final = 1000  # lines
_LONGEST: Final = 2000  # characters of a line


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: `level` as Python's logging counts (20 INFO, 30 WARNING, 40 ERROR), `text` whatever it is."""

    at: datetime
    level: int
    text: str


class RunLog:
    """The newest lines of one run from a level upwards, numbered from 1 as they were met; for one thread."""

    def __init__(self, run: str, level: int = 0) -> None:
        """Asks for nothing yet; `run` is the id of a Prefect run."""
        self._run = run
        self._level = level
        self._lines: OrderedDict[int, LogLine] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()  # ids of lines
        self._last: datetime | None = None
        self.number = 0
        self.cut = False

    def look(self, api: PrefectApi) -> None:
        """Take in what is new.

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
        """The lines with a higher number, which were met later; each with its number."""
        return [(at, line) for at, line in self._lines.items() if at > number]

    def _begin(self, api: PrefectApi) -> None:
        """The end of what there is: of a long log, its beginning is left out."""
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
