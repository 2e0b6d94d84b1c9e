"""The command that goes before a node's start command on the manager's machine."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from p2ppool.interpreter import python


@dataclass(frozen=True)
class Confinement:
    """How nodes on the manager's machine are confined.

    Attributes:
        hidden: folders of which they must see nothing.
        readable: folders that they may read besides the system's.
        memory: bytes that each process may write to, or all together in a control group.
        tasks: processes and threads of each node.
        group: a control group that this user may write to; None: the limits are those of processes.
    """

    hidden: Iterable[Path]
    readable: Iterable[Path]
    memory: int
    tasks: int
    group: Path | None = None

    def launcher(self) -> str:
        """Return it as words of a shell; they are followed by the command."""
        options = ["--memory", str(self.memory), "--tasks", str(self.tasks)]
        for option, places in (("--hide", self.hidden), ("--read", self.readable)):
            for place in places:
                options += [option, str(place)]
        if self.group is not None:
            options += ["--group", str(self.group)]
        return shlex.join(python("-m", "p2ppool.confinement", *options, "--"))
