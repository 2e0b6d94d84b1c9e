"""The verbs of the shell agent (script/*.sh): what is sent to a host, and what its answers mean.

Every verb that changes something carries a *fence*, the number of the pool's turn. The folder on the host
keeps the highest fence it has seen. So if a manager hung and now acts in an old turn, its verbs are refused
(`fenced`) and nothing is touched; and an agent of an older turn that is still running is killed.

A refusal carries the facts `fence` (the number that the folder has seen) and `fenced_by` (the id of the
manager that set it): by these a manager whose database is older than its hosts knows how far to go on.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from p2ppool.fleet.agent.answers import Answers
from p2ppool.fleet.agent.install_path import check_install_path
from p2ppool.fleet.agent.runtime_archive import RuntimeArchive
from p2ppool.fleet.agent.shell import Command
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport.session import AgentConnection, Receiver

SHELL: Final = "exec sh -c 'setsid sh -s p2ppool-agent; exit $?'"
"""The same for every host and verb, and free of anything that csh or fish would read differently. `setsid`
puts the agent into its own process group, which it kills when the manager hangs up."""

_PARTS: Final = (
    "agent.sh",
    "folder.sh",
    "lock.sh",
    "node.sh",
    "ifconfig.sh",
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
_HIGHEST_FENCE: Final = 1_000_000_000

Fence = int | Callable[[], int]
"""A turn's number, or what returns it: it may rise during the turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRequest:
    """A pool's folder on a host.

    Raises:
        UserError: `base` is not a valid install path.
        ValueError: `pool` or `manager` is not a plain word of at most 64 characters, or `fence` is negative.
    """

    base: str
    """The install path: absolute, or relative to the user's home."""
    pool: str
    """The pool's unique id."""
    fence: Fence = 0
    """The number of the pool's turn; a host refuses a lower number than it has seen. 0 means that there are
    no turns; nothing is then recorded on the host."""
    manager: str = ""
    """The id of this manager, kept beside the fence. A host refuses an equal number of another manager."""

    def __post_init__(self) -> None:
        check_install_path(self.base)
        if not _TOKEN.fullmatch(self.pool):
            raise ValueError(f"not a pool id: {self.pool!r}")
        if self.manager and not _TOKEN.fullmatch(self.manager):
            raise ValueError(f"not a manager's id: {self.manager!r}")
        if self.number < 0:
            raise ValueError(f"not a turn's number: {self.number}")

    @property
    def number(self) -> int:
        """The fence as it is now."""
        return self.fence if isinstance(self.fence, int) else self.fence()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallRequest(FolderRequest):
    """A bundle to install in a pool's folder; one request, and one copy of the bundle, serves all hosts.

    Raises:
        UserError: `base` is not a valid install path.
        ValueError: `pool`, `digest` or `runtime` is malformed.
    """

    digest: str
    """SHA-256 of the bundle in hexadecimal."""
    bundle: bytes | memoryview = field(repr=False)
    """A .tar.gz with `start`, `node.config` and `package/` in its root."""
    runtime: str
    """The program that `start` needs, such as python3 or mono; empty if none."""
    carried: RuntimeArchive | None = None
    """An archive with that program as `bin/RUNTIME`, if the pool brings it along;
    `start` names its digest.
    """
    ports: tuple[tuple[str, int], ...] = ()
    """The ports that the node will use: "udp" or "tcp", and the number."""
    needs_ifconfig: bool = False
    """Whether the node is Brunet, which parses the output of `/sbin/ifconfig`
    and binds all addresses of the host.
    """
    brings_ifconfig: bool = False
    """Whether the bundle brings a script that Brunet starts instead."""

    def __post_init__(self) -> None:
        FolderRequest.__post_init__(self)
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"not a SHA-256 digest: {self.digest!r}")
        if self.runtime and not _TOKEN.fullmatch(self.runtime):
            raise ValueError(f"not a program's name: {self.runtime!r}")
        if self.carried and not self.runtime:
            raise ValueError("a runtime archive without the name of its program")
        if any(kind not in {"udp", "tcp"} or not 0 < port <= _LAST_PORT for kind, port in self.ports):
            raise ValueError(f"not ports: {self.ports!r}")

    def preflight(self) -> tuple[str, ...]:
        """Return the arguments of the agent's preflight."""
        carried = self.carried.descriptor if self.carried else ""
        ports = (f"{kind}:{port}" for kind, port in self.ports)
        ifconfig = "own" if self.brings_ifconfig else "yes" if self.needs_ifconfig else "no"
        return (carried, ifconfig, *ports)


def probe(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Inspect a host in any turn without changing anything.

    Returns:
        folder (absent, empty, ours, other; a tombstone is ours), kernel, machine, free_kb, python3 and mono
        (versions, empty if absent), ifconfig (absent, old or new, by what `/sbin/ifconfig` prints), missing
        (tools), clock (seconds since 1970, UTC), and with it clock_offset and clock_error (see
        p2ppool.fleet.agent.clock).

    Raises:
        HostFault: like all verbs, for any failure of the connection or on the host.
    """
    return _converse(connection, "probe", request)


def preflight(connection: AgentConnection, request: InstallRequest) -> Mapping[str, str]:
    """Check in any turn that a node would find what it needs, and change nothing; `install` begins with this.

    Raises:
        HostFault: MISSING_RUNTIME, NO_IFCONFIG, UNREADABLE_IFCONFIG, or PORT_TAKEN by something that is not
            this folder's node; besides what any verb raises.
    """
    return _converse(connection, "preflight", request, request.runtime, *request.preflight())


def stats(
    connection: AgentConnection, request: FolderRequest, *, programs: bool = False
) -> Mapping[str, str]:
    """Measure in any turn what p2ppool.fleet.agent.host_stats reads, plus kernel and machine.

    With `programs` also report python3, mono and ifconfig as `probe` does.
    """
    return _converse(connection, "stats", request, "yes" if programs else "no")


def install(connection: AgentConnection, request: InstallRequest) -> Mapping[str, str]:
    """Make exactly this bundle run: upload it if it is missing, and replace what runs unless it is the same.

    Sets the folder's fence. Another pool's tombstone is overwritten.

    Returns:
        upload (yes, no), changed (yes, no), digest, pid; runtime_upload (yes, no) if a runtime is carried.

    Raises:
        HostFault: PROTOCOL if the host reports another digest than was sent; besides what any verb raises.
    """
    uploads = {"": request.bundle}
    if request.carried:
        uploads["runtime"] = request.carried.data
    size = memoryview(request.bundle).nbytes
    facts = _converse(
        connection,
        "install",
        request,
        *(request.digest, size, request.runtime),
        *request.preflight(),
        uploads=uploads,
    )
    if facts.get("digest") != request.digest:
        raise HostFault(
            ErrorKind.PROTOCOL, f"it installed {facts.get('digest', 'nothing')!r}, not what was sent", facts
        )
    return facts


def start(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Start what is installed unless it is running; the facts are changed (yes, no) and pid.

    Sets the folder's fence, even if the verb fails because nothing is installed.
    """
    return _converse(connection, "start", request)


def stop(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Stop the node, gracefully first; the fact is stopped (number of processes).

    Nothing installed counts as stopped.

    Sets the folder's fence, and creates the folder for it if there is none, since an install of an older turn
    may still arrive. A folder that is left alone is reported: `other` holds something that is not this
    pool's; `absent` or `empty` means that there are no turns, or that the folder can't be created, and so not
    by an older turn either.
    """
    return _converse(connection, "stop", request)


def check(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Inspect the folder in any turn.

    Returns:
        folder; if it is ours (a tombstone is, too, and what there is where a node of ours runs) also holder
        (another address that it was claimed for) and holder_here (yes: by this machine), pool, digest (empty
        if nothing is installed), running (yes, no), processes, uptime (seconds), and if something is
        installed also address and namespace (from the node's config) and config (accepted, refused, or
        unknown if no node has written its address into it yet). If nothing runs, also cause and words: the
        kind of error, and what the node has said last.
    """
    return _converse(connection, "check", request)


def remove(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Stop the node and delete what was installed.

    Sets the folder's fence as `stop` does. Marker and fence stay as a tombstone, against what an older turn
    may still do; without turns nothing stays. A folder that is left alone is reported as by `stop`.

    Returns:
        stopped; left, if there are other people's files; kept (fence).
    """
    return _converse(connection, "remove", request)


def forget(connection: AgentConnection, request: FolderRequest) -> Mapping[str, str]:
    """Stop the node and delete everything including a tombstone.

    From then on the host no longer refuses older turns.

    Returns:
        stopped; left, if there are other people's files; folder (absent, empty, other) if nothing there is
        this pool's.
    """
    return _converse(connection, "forget", request)


def gather(
    connection: AgentConnection, request: FolderRequest, receiver: Receiver, *arguments: str | int
) -> Mapping[str, str]:
    """Have the agent send files of the node's folder to `receiver`, in any turn.

    p2ppool.fleet.agent.gather documents the arguments and the format of what is sent.

    Returns:
        folder (absent, empty, ours); if ours, also unsent (number of files over a limit), odd (names that
        can't be sent) and special (links and the like).
    """
    return _converse(connection, "gather", request, *arguments, receiver=receiver)


def reported_fence(facts: Mapping[str, str]) -> int | None:
    """Return the fence in the facts of a refusal; None if there is none that a pool can have.

    What a host says must not bring the numbers to an end: the database has room for twice as many.
    """
    seen = str(facts.get("fence", ""))
    return int(seen) if re.fullmatch("[0-9]{1,10}", seen) and int(seen) <= _HIGHEST_FENCE else None


@cache
def script() -> str:
    """Return the agent's functions as one script."""
    folder = resources.files(__package__) / "script"
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in _PARTS)


def invocation(verb: str, request: FolderRequest, deadline: float, *arguments: str | int) -> bytes:
    """Return the script followed by the one line that calls it."""
    turn = (request.pool, request.number, request.manager)
    call = Command.of("agent", verb, request.base, *turn, int(deadline) + 1, *arguments)
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
