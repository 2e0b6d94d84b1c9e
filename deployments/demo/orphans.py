"""Processes that belong to a data folder, however they were started: a demo must not leave any behind."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GRACE = 5.0  # seconds between SIGINT and SIGKILL


def processes_of(folder: Path) -> list[int]:
    """List pids of our own processes that work in `folder`, as nodes do, or have it as their data folder."""
    return [
        int(entry.name)
        for entry in _other_processes()
        if _works_in(entry, folder) or _was_given(entry, folder)
    ]


def end_processes_of(folder: Path) -> None:
    """Stop them all: SIGINT first, so that nodes leave their overlay cleanly, then SIGKILL."""
    for number in (signal.SIGINT, signal.SIGKILL):
        for pid in processes_of(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + _GRACE
        while processes_of(folder) and time.monotonic() < deadline:
            time.sleep(0.05)


def _other_processes() -> Iterator[Path]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            yield entry


def _works_in(process: Path, folder: Path) -> bool:
    with suppress(OSError):  # it has ended meanwhile, or is another user's
        return (process / "cwd").readlink().is_relative_to(folder)
    return False


def _was_given(process: Path, folder: Path) -> bool:
    with suppress(OSError):
        variables = (process / "environ").read_bytes().split(b"\0")
        return f"P2PPOOL_DATA_FOLDER={folder}".encode() in variables
    return False
