"""Finds and ends processes that were started through a demo host, wherever in the process tree they are now.

A node leaves the session and the process tree of the SSH command that started it, so neither group nor parent
identifies it. The environment does: each command of a demo host has the marker, and children inherit it.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

MARKER = "P2PPOOL_DEMO"


def processes_left(token: str) -> list[int]:
    """List the pids of this user's processes that were started through the demo hosts of `token`,
    without zombies.
    """
    return [pid for pid in _own_pids() if _carries(pid, token)]


def end_all(token: str, grace: float = 5.0) -> int:
    """End all processes of `token`: first with SIGINT, so that nodes leave their overlay cleanly;
    later with SIGKILL.

    They have `grace` seconds between the two. Returns how many had to be killed. `processes_left` still lists
    what even SIGKILL didn't end.
    """
    _send(signal.SIGINT, token)
    if _gone_within(grace, token):
        return 0
    killed = len(processes_left(token))
    deadline = time.monotonic() + grace
    while processes_left(token) and time.monotonic() < deadline:
        # Repeatedly: a process may have forked between the scan and its end.
        _send(signal.SIGKILL, token)
        time.sleep(0.02)
    return killed


def _gone_within(seconds: float, token: str) -> bool:
    deadline = time.monotonic() + seconds
    while processes_left(token):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _send(number: signal.Signals, token: str) -> None:
    for pid in processes_left(token):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _own_pids() -> list[int]:
    return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit() and _is_own(entry)]


def _is_own(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.stat().st_uid == os.geteuid()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _carries(pid: int, token: str) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # it ended meanwhile, or is one that its own user may not read
        return False
    return f"{MARKER}={token}".encode() in environment.split(b"\0")
