"""Limits on memory and on the number of processes and threads.

They are those of a control group where there is one, else those of each process.
"""

import os
import resource
from contextlib import suppress
from pathlib import Path


def limit_process(memory: int, tasks: int) -> None:
    """Limit this process, and each that it starts.

    Args:
        memory: bytes that one process may write to. Address space that is only reserved, as mono reserves
            much of it, does not count (RLIMIT_DATA).
        tasks: processes and threads beyond those that the user has now, since the kernel counts them by user
            (RLIMIT_NPROC); it does not count root's.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_DATA, memory)
    _lower(resource.RLIMIT_NPROC, tasks_of(os.getuid()) + tasks)


def enter_group(parent: Path, folder: Path, memory: int, tasks: int) -> None:
    """Move this process into a control group below `parent`, named after the node's folder.

    Raises:
        OSError: the group can't be made or entered, or `parent` hands no limits down.
    """
    group = parent / f"p2ppool{folder}".replace("/", "-")
    with suppress(FileExistsError):
        group.mkdir()
    (group / "memory.max").write_text(str(memory))
    (group / "pids.max").write_text(str(tasks))
    (group / "cgroup.procs").write_text(str(os.getpid()))


def tasks_of(user: int) -> int:
    """Count the processes and threads of a user."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                if entry.stat().st_uid == user:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))  # noqa: PTH208 - a count is enough
    return count


def _lower(kind: int, value: int) -> None:
    """Set the limit, below one that holds already."""
    _, most = resource.getrlimit(kind)
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(kind, (value, value))
