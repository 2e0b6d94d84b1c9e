"""Looking at this machine's processes."""

import os
from contextlib import suppress
from pathlib import Path


def pids():
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def exists(pid):
    return Path(f"/proc/{pid}").exists()


def runs(pid):
    """Whether it exists and is no zombie, which nobody may have waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def children_of(pid):
    """All descendants of a process."""
    found = []
    for child in pids():
        with suppress(OSError):
            if int(Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2].split()[1]) == pid:
                found += [child, *children_of(child)]
    return found


def with_variables(variables):
    """The processes that began with these in their environment."""
    wanted, found = {f"{name}={value}".encode() for name, value in variables.items()}, []
    for pid in pids():
        with suppress(OSError):
            if wanted <= set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
                found.append(pid)
    return found


def nodes_in(base):
    """The leaders of the sessions whose working directory is the node's."""
    found = []
    for pid in pids():
        with suppress(OSError):
            if Path(f"/proc/{pid}/cwd").readlink() == base.resolve() / "node" and os.getsid(pid) == pid:
                found.append(pid)
    return found
