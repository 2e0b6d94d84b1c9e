"""The events on the demo hosts, recorded by the hosts themselves: one file per host, one JSON object a line.

Measurements rely on this record rather than on reports by the measured program.
"""

import json
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal, Self

from p2ppool.errors import UserError

FILE = "events.jsonl"

Event = Literal["opened", "closed", "command", "ended"]
"""A TCP connection was accepted or is gone; a command is started or its process has ended."""


@dataclass(frozen=True)
class DemoEvent:
    """`host` counts from 1; `t` is in seconds since 1970; `connection` is unique within the host."""

    host: int
    t: float
    connection: int
    event: str


class EventLog:
    """The record of one host in its `folder`, empty at first; each event is in the file once it is noted.

    Raises UserError when the file can't be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
            self._file = path.open("a", buffering=1, encoding="ascii")
        except OSError as error:
            raise UserError(f"a demo host can't write {path}: {error.strerror}") from error
        self._connections = count(1)

    def new_connection(self) -> int:
        return next(self._connections)

    def note(self, connection: int, event: Event) -> None:
        line = json.dumps({"t": time.time(), "connection": connection, "event": event})
        self._file.write(f"{line}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def read_events(folder: Path, host: int) -> list[DemoEvent]:
    """Read the record in `folder`, that of host number `host`; empty if there is none."""
    try:
        text = (folder / FILE).read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    whole, _, _half_written = text.rpartition("\n")
    return [DemoEvent(host, **json.loads(line)) for line in whole.splitlines()]
