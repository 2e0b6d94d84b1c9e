"""Which process answers for a ticket, and whether it is certainly gone."""

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
    """This process as no other one ever was or will be: boot, process namespace, pid, start time."""
    return f"{_here()} {os.getpid()} {_start_time(os.getpid())}"


def is_gone(process: str) -> bool:
    """Whether a process is known to have ended; one of another machine, or before a reboot, is not known."""
    parts = process.split()
    if len(parts) != _FIELDS or " ".join(parts[:2]) != _here():
        return False
    return not parts[2].isdigit() or not runs(int(parts[2]), parts[3])


def runs(pid: int, since: str) -> bool:
    """Whether the process of that number that was started then (ticks since boot) lives on this machine."""
    return _start_time(pid) == since


def is_here(process: str) -> bool:
    """Whether a process lives on this machine now."""
    return process.startswith(_here()) and not is_gone(process)


def kill(process: str) -> None:
    """End a process of this machine at once; does nothing where it is gone, or is another machine's."""
    if is_here(process):
        with suppress(ProcessLookupError):
            os.kill(int(process.split()[2]), signal.SIGKILL)


@cache
def _here() -> str:
    return f"{_BOOT.read_text().strip()} {_NAMESPACE.stat().st_ino}"


def _start_time(pid: int) -> str | None:
    """In ticks since boot; None for a process that is gone or only waits to be buried."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in {"Z", "X"} else fields[_STARTED]
