"""The verbs of the shell agent (script/*.sh): what to send to a host, and what its answers mean.

Every verb that changes something has a *fence*, the number of the pool's turn. The folder on the host keeps
the highest one that the pool has come with. So a manager that hung, and acts in an old turn, finds its verbs
refused (`fenced`) with nothing touched; and an agent of an older turn that is still at work is killed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from p2ppool.fleet.agent.answers import Answers
from p2ppool.fleet.agent.install_path import check_install_path
from p2ppool.fleet.agent.runtime_archive import RuntimeArchive
from p2ppool.fleet.agent.shell import Command
from p2ppool.fleet.transport.session import AgentConnection, Receiver

SHELL: Final = "exec sh -c 'setsid sh -s p2ppool-agent; exit $?'"
"""The same for every host and verb, and free of anything that a csh or fish would read differently. `setsid`
gives the agent a process group of its own, which is what it kills when the manager hangs up."""

_PARTS: Final = (
    "agent.sh",
    "folder.sh",
    "lock.sh",
    "node.sh",
    "preflight.sh",
    "install.sh",
    "runtime.sh",
    "gather.sh",
    "stats.sh",
    "verbs.sh",
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRequest:
    """A pool's folder on a host.

    Raises:
        UserError: `base` can't be an install path.
        ValueError: `pool` is not a plain word of at most 64 characters, or `fence` is negative.
    """

    base: str
    """The install path: absolute, or relative to the user's home."""
    pool: str
    """The pool's unique id."""
    fence: int = 0
    """The number of the pool's turn: a host refuses a lower one than it has seen. 0: there are no turns, and
    nothing is kept of them."""

    def __post_init__(self) -> None:
        check_install_path(self.base)
        if not _TOKEN.fullmatch(self.pool):
            raise ValueError(f"not a pool id: {self.pool!r}")
        if self.fence < 0:
            raise ValueError(f"not a turn's number: {self.fence}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallRequest(FolderRequest):
    """A bundle for a pool's folder; one request, and one copy of the bundle, serves all hosts.

    Raises:
        UserError: `base` can't be an install path.
        ValueError: `pool`, `digest` or `runtime` is not what it should be.
    """

    digest: str
    """SHA-256 of the bundle in hexadecimal."""
    bundle: bytes | memoryview = field(repr=False)
    """A .tar.gz with `start`, `node.config` and `package/` in its root."""
    runtime: str
    """The program that `start` needs, such as python3 or mono. Empty: none."""
    carried: RuntimeArchive | None = None
    """That program as `bin/RUNTIME`, where the pool brings it along; `start` names its digest."""
    ports: tuple[tuple[str, int], ...] = ()
    """The ports that the node is to have: "udp" or "tcp", and the number."""
    needs_ifconfig: bool = False
    """Whether it is Brunet, which reads what `/sbin/ifconfig` prints and binds all addresses of the host."""

    def __post_init__(self) -> None:
        FolderRequest.__post_init__(self)
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"not a SHA-256 digest: {self.digest!r}")
        if self.runtime and not _TOKEN.fullmatch(self.runtime):
            raise ValueError(f"not a program's name: {self.runtime!r}")
        if self.carried and not self.runtime:
            raise ValueError("a runtime without its program's name")
        if any(kind not in {"udp", "tcp"} or not 0 < port <= _LAST_PORT for kind, port in self.ports):
            raise ValueError(f"not ports: {self.ports!r}")

    def preflight(self) -> tuple[str, ...]:
        """What the agent's preflight takes."""
        carried = self.carried.words if self.carried else ""
        ports = (f"{kind}:{port}" for kind, port in self.ports)
        return (carried, "yes" if self.needs_ifconfig else "no", *ports)


def probe(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Look without touching, in any turn: folder (absent, empty, ours, other; a tombstone is ours), kernel,
    machine, free_kb, python3, mono (versions, empty if not there), ifconfig (absent; old or new by what
    `/sbin/ifconfig` prints), missing (tools), clock (seconds since 1970, UTC), and with it clock_offset and
    clock_error (see p2ppool.fleet.agent.clock).

    Raises:
        HostFault: as do all verbs, for whatever went wrong on the way or on the host.
    """
    return _converse(connection, "probe", request)


def preflight(connection: AgentConnection, request: InstallRequest) -> Mapping[str, str]:
    """See whether a node would find what it needs, in any turn, and touch nothing; `install` begins with it.

    Raises:
        HostFault: MISSING_RUNTIME, NO_IFCONFIG, UNREADABLE_IFCONFIG, or PORT_TAKEN by something that is not
            this folder's node; beside what any verb raises.
    """
    return _converse(connection, "preflight", request, request.runtime, *request.preflight())


def stats(
    connection: AgentConnection, request: FolderRequest, *, programs: bool = False
) -> Mapping[str, str]:
    """Measure, in any turn: what p2ppool.fleet.agent.host_stats reads, kernel and machine; where asked
    for also python3, mono and ifconfig as `probe` tells them.
    """
    return _converse(connection, "stats", request, "yes" if programs else "no")


def install(connection: AgentConnection, request: InstallRequest) -> Mapping[str, str]:
    """Have exactly this bundle run: upload it if it isn't there, and replace what runs, or leave that.

    Raises the folder's fence. Another pool's tombstone gives way.

    Returns:
        upload (yes, no), changed (yes, no), digest, pid; runtime_upload (yes, no) of one that is carried.
    """
    uploads = {"": request.bundle}
    if request.carried:
        uploads["runtime"] = request.carried.data
    size = memoryview(request.bundle).nbytes
    return _converse(
        connection,
        "install",
        request,
        *(request.digest, size, request.runtime),
        *request.preflight(),
        uploads=uploads,
    )


def start(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Start what is installed, if it isn't running: changed (yes, no), pid.

    Raises the folder's fence, also where it fails because nothing is installed.
    """
    return _converse(connection, "start", request)


def stop(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """End the node, politely first: stopped (how many ran). Nothing installed is as good as stopped.

    Raises the folder's fence, and makes the folder for it where there is none, as an install of an older turn
    may still be on its way. A folder that is left alone is told: `other` holds what is not this pool's;
    `absent` or `empty` if there are no turns, or if it can't be made, and so not by an older turn either.
    """
    return _converse(connection, "stop", request)


def check(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """See what is there, in any turn: folder; if ours, as a tombstone is too: pool, digest (empty: nothing is
    installed), running (yes, no), processes, uptime (seconds), and where something is installed address and
    namespace (of the node's config) and config (accepted, refused, unknown: no node has written its address
    into it yet).
    """
    return _converse(connection, "check", request)


def remove(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Stop the node and delete what was installed: stopped; left, if there are files of somebody else's; kept
    (fence).

    Raises the folder's fence as `stop` does. Mark and fence stay as a tombstone, against what an older turn
    may still do; without turns nothing stays. A folder that is left alone is told as by `stop`.
    """
    return _converse(connection, "remove", request)


def forget(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Stop the node and delete everything, a tombstone too: stopped; left, if there are others' files.

    From then on the host refuses no older turn any more. Where nothing is this pool's, that is told: folder
    (absent, empty, other).
    """
    return _converse(connection, "forget", request)


def gather(
    connection: AgentConnection, request: FolderRequest, receiver: Receiver, *arguments: str | int
) -> Mapping[str, str]:
    """Have files of the node's folder sent to `receiver`, in any turn: folder (absent, empty, ours); if ours,
    also unsent (files over a limit), odd (names that can't be sent), special (links and the like).

    What the arguments are, and what is sent, p2ppool.fleet.agent.gather knows.
    """
    return _converse(connection, "gather", request, *arguments, receiver=receiver)


@cache
def script() -> str:
    """The agent's functions."""
    folder = resources.files(__package__) / "script"
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in _PARTS)


def invocation(verb: str, request: FolderRequest, deadline: float, *arguments: str | int) -> bytes:
    """The script with the one line that calls it."""
    call = Command.of("agent", verb, request.base, request.pool, request.fence, int(deadline) + 1, *arguments)
    return f"{script()}\n{{ {call}; exit; }}\n".encode()


def _converse(
    connection: AgentConnection,
    verb: str,
    request: FolderRequest,
    *arguments: str | int,
    uploads: Mapping[str, bytes | memoryview] = MappingProxyType({}),
    receiver: Receiver | None = None,
) -> Mapping[str, str]:
    connection.step = verb
    with connection.session(SHELL) as session:
        answers = Answers(connection, session, uploads, receiver)
        session.send(invocation(verb, request, connection.limits.host_deadline, *arguments))
        return answers.read()
