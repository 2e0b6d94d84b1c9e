"""`python -m p2ppool.confinement OPTIONS -- COMMAND…`: become COMMAND, confined.

It is called in the folder `node` of a pool's folder.
"""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from p2ppool.confinement import landlock, limits, policy, privileges, seccomp
from p2ppool.confinement.node_ports import tcp_ports
from p2ppool.confinement.policy import ConfinementError

_CANNOT_RUN = 126  # as a shell says of a command that is there but can't be run


def main(arguments: Sequence[str] | None = None) -> int:
    """Confine this process and become the command.

    Returns only if that fails, after one line on standard error.
    """
    options = _options(arguments)
    try:
        _become(options, Path.cwd().parent)
    except (OSError, ConfinementError) as error:
        sys.stderr.write(f"the node can't be confined: {error} (P2PPOOL_LOCAL_NODE_CONFINEMENT)\n")
    return _CANNOT_RUN


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m p2ppool.confinement", description=__doc__)
    parser.add_argument(
        "--read", type=Path, action="append", default=[], help="a further folder that may be read"
    )
    parser.add_argument(
        "--hide", type=Path, action="append", default=[], help="what must not lie in one of these"
    )
    parser.add_argument("--memory", type=int, required=True, help="bytes")
    parser.add_argument("--tasks", type=int, required=True, help="processes and threads")
    parser.add_argument("--group", type=Path, help="control group in which each node gets one of its own")
    parser.add_argument(
        "--interface", type=int, default=landlock.version(), help="of Landlock, for tests of older ones"
    )
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def _become(options: argparse.Namespace, folder: Path) -> None:
    if lack := policy.missing(platform.machine(), options.interface):
        raise ConfinementError(lack)
    policy.refuse_exposed([*policy.readable(options.read), folder], options.hide)
    variables = policy.environment(os.environ, folder, options.read)
    rules = policy.ruleset(folder, options.read, tcp_ports(folder), options.interface)
    _limit(options, folder)
    os.closerange(3, rules.descriptor)
    os.closerange(rules.descriptor + 1, os.sysconf("SC_OPEN_MAX"))
    privileges.give_up()
    rules.restrict()
    pid = None if landlock.limits_signals(options.interface) else os.getpid()
    seccomp.install(platform.machine(), pid)
    os.execvpe(options.command[0], options.command, variables)  # noqa: S606 - no shell is wanted


def _limit(options: argparse.Namespace, folder: Path) -> None:
    if options.group:
        limits.enter_group(options.group, folder, options.memory, options.tasks)
    limits.limit_process(options.memory, options.tasks)


if __name__ == "__main__":
    sys.exit(main())
