"""One line of a hosts file, and the error that lists the bad ones."""

from dataclasses import dataclass
from typing import Final

from p2ppool.errors import UserError

_SHOWN: Final = 10


class HostsFileError(UserError):
    """The hosts file can't be used; the message lists its first ten problems."""

    def __init__(self, problems: list[str]) -> None:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__("; ".join(problems[:_SHOWN]) + more)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class JumpHost:
    """A host through which others are reached. Its text form is what is stored."""

    user: str
    """Empty for the user of the pool's hosts."""
    name: str
    port: int

    def __str__(self) -> str:
        place = f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"
        return f"{self.user}@{place}" if self.user else place


@dataclass(frozen=True, slots=True)
class HostLine:
    """A host as the file names it."""

    name: str
    """Lower case, without a trailing dot; an address in its shortest form."""
    port: int
    line: int
    """Its line in the file, from 1."""
    where: str = ""
    """The name or address to connect to, if it differs from `name`."""
    jump: JumpHost | None = None
    is_manager: bool = False
    """Whether it is the manager's own machine, reached without SSH."""

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


Found = tuple[list[HostLine], list[str]]
"""What a format's reader found: the hosts, and the problems with their line numbers."""
