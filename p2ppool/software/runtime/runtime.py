"""The runtimes that can start a package's program, each as data."""

import shlex
from dataclasses import dataclass
from enum import StrEnum

from p2ppool.errors import UserError

MAX_NODES_PER_PROCESS = 100


class Runtime(StrEnum):
    """The runtime that a package names."""

    MONO = "mono"
    PYTHON3 = "python3"


@dataclass(frozen=True)
class RuntimeFacts:
    """The requirements of a runtime on a host.

    Attributes:
        command: the start of the command line, before the program's path.
        needed_commands: commands that must be on the host's PATH.
        needed_files: files that must be at exactly this path on the host.
        version_command: prints the version on its first line, as the first number with dots in it.
        minimal_version: the oldest version on which the software is known to run.
    """

    command: tuple[str, ...]
    needed_commands: tuple[str, ...]
    needed_files: tuple[str, ...]
    version_command: tuple[str, ...]
    minimal_version: tuple[int, ...]


RUNTIMES = {
    # Brunet reads its addresses from /sbin/ifconfig; without it a node exits at once.
    # strict: else mono takes the Mono.Security 2.0 of Brunet's zip for its own, and XML-RPC ends the node.
    Runtime.MONO: RuntimeFacts(
        command=("mono", "--assembly-loader=strict"),
        needed_commands=("mono",),
        needed_files=("/sbin/ifconfig",),
        version_command=("mono", "--version"),
        minimal_version=(6, 8),
    ),
    # -B: no compiled files, so that the installed folder stays as unpacked.
    Runtime.PYTHON3: RuntimeFacts(
        command=("python3", "-B"),
        needed_commands=("python3",),
        needed_files=(),
        version_command=("python3", "--version"),
        minimal_version=(3, 8),
    ),
}


def node_options(nodes_per_process: int) -> tuple[str, ...]:
    """Return the options of ``P2PNode.exe [-c COUNT] -n node.config`` before ``-n``; none for one node.

    Raises:
        UserError: the number is not 1 … MAX_NODES_PER_PROCESS.
    """
    if not 1 <= nodes_per_process <= MAX_NODES_PER_PROCESS:
        raise UserError(
            f"nodes per process: {nodes_per_process} is not a number from 1 to {MAX_NODES_PER_PROCESS}"
        )
    return () if nodes_per_process == 1 else ("-c", str(nodes_per_process))


def start_script(
    runtime: Runtime, program: str, nodes_per_process: int, runtime_digest: str | None = None
) -> str:
    """Return the POSIX sh script `start CONFIG`, which becomes the node.

    Args:
        runtime: the runtime that runs the program.
        program: path of the program below the folder `package` beside the script.
        nodes_per_process: number of nodes in the one process.
        runtime_digest: digest of the runtime that the pool brings along; None for the host's own.
    """
    command = shlex.join(RUNTIMES[runtime].command)
    if runtime_digest is not None:
        # With sh, since /tmp may be mounted noexec: then it is the runtime itself that is refused.
        command = f'sh "$here"/../../runtimes/{shlex.quote(runtime_digest)}/bin/{command}'
    options = " ".join((*node_options(nodes_per_process), "-n"))
    return (
        "#!/bin/sh\n"
        "# Becomes the node: start CONFIG, where the node may rewrite CONFIG.\n"
        'here=$(CDPATH= cd -P -- "$(dirname -- "$0")" && pwd -P) || exit 1\n'
        f'exec {command} "$here"/package/{shlex.quote(program)} {options} "${{1:?usage: start CONFIG}}"\n'
    )
