"""The process that owns a ticket, and whether it is certainly gone."""

import os
import signal
from contextlib import suppress
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
_FIELDS = 4
_STATE, _STARTED = 0, 19  # in /proc/PID/stat, counted behind the name (proc(5))


def this_process() -> str:
    """Identify this process uniquely for all time: boot, process namespace, pid, start time."""
    return f"{_this_machine()} {os.getpid()} {_start_time(os.getpid())}"


def is_gone(process: str) -> bool:
    """Tell whether a process has certainly ended; unknown for other machines and earlier boots."""
    parts = process.split()
    if len(parts) != _FIELDS or " ".join(parts[:2]) != _this_machine():
        return False
    return not parts[2].isdigit() or not runs(int(parts[2]), parts[3])


def runs(pid: int, since: str) -> bool:
    """Tell whether the process with that pid and start time (ticks since boot) lives on this machine."""
    return _start_time(pid) == since


def is_on_this_machine(process: str) -> bool:
    """Tell whether the process lives on this machine now."""
    return process.startswith(_this_machine()) and not is_gone(process)


def kill(process: str) -> None:
    """Kill a process of this machine; do nothing if it is gone or on another machine."""
    if is_on_this_machine(process):
        with suppress(ProcessLookupError):
            os.kill(int(process.split()[2]), signal.SIGKILL)


@cache
def _this_machine() -> str:
    return f"{_BOOT.read_text().strip()} {_NAMESPACE.stat().st_ino}"


def _start_time(pid: int) -> str | None:
    """Return the start time in ticks since boot; None if the process is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in {"Z", "X"} else fields[_STARTED]
