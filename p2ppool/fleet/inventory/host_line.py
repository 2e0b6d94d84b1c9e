"""One line of a hosts file, and the error that names the bad ones."""

from dataclasses import dataclass
from typing import Final

from p2ppool.errors import UserError

_SHOWN: Final = 10


class HostsFileError(UserError):
    """A hosts file can't be used; names its bad lines, the first ten in words."""

    def __init__(self, problems: list[str]) -> None:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__("; ".join(problems[:_SHOWN]) + more)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class JumpHost:
    """A host on the way to others. Its text form is the one that is stored."""

    user: str
    """Empty: the user that the pool's hosts have."""
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
    """The name or address to connect to, where that is another one."""
    jump: JumpHost | None = None
    is_manager: bool = False
    """The manager's own machine, without SSH."""

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


Found = tuple[list[HostLine], list[str]]
"""What a reader of a format found: hosts, and problems that name their line."""
