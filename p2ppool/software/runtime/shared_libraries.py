"""Finds what a program needs to start on another machine: its dynamic linker and its libraries."""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from p2ppool.errors import UserError, one_line

_LINE = re.compile(r"(?:(?P<name>\S+) => )?(?P<path>/.+) \(0x[0-9a-f]+\)")
_LINKER = re.compile(r"ld[-.0-9a-zA-Z_]*\.so(\.\d+)*")
_LDD_SECONDS = 30


@dataclass(frozen=True)
class Needs:
    """The combined needs of some programs.

    Attributes:
        linker: the dynamic linker, ld.so(8).
        libraries: the path of each library, by the name that programs use.
    """

    linker: Path
    libraries: dict[str, Path]


def needs_of(programs: Iterable[Path]) -> Needs:
    """Return the linker and libraries that `ldd` finds for the programs, including indirect ones.

    Raises:
        UserError: `ldd` is missing or can't read one of them, or a library is missing.
    """
    linkers: set[Path] = set()
    libraries: dict[str, Path] = {}
    for program in programs:
        for line in _ldd(program):
            if line.endswith("=> not found"):
                raise UserError(f"{program} lacks the library {one_line(line.split()[0], 80)}: install it")
            if match := _LINE.fullmatch(line):
                path = Path(match["path"])
                name = match["name"] or path.name
                if _LINKER.fullmatch(Path(name).name):
                    linkers.add(path.resolve())
                else:
                    libraries[name] = path
    if len(linkers) != 1:
        raise UserError("the runtime's programs do not share one dynamic linker: install a consistent set")
    return Needs(linkers.pop(), dict(sorted(libraries.items())))


def _ldd(program: Path) -> list[str]:
    """Return the output of ldd(1): one library a line, with the address where it would be loaded."""
    try:
        done = subprocess.run(
            ["ldd", program],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_LDD_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(
            f"ldd does not work on this machine ({one_line(error, 80)}): install libc-bin"
        ) from error
    if done.returncode:
        raise UserError(f"ldd can't read {program}: {one_line(done.stderr or done.stdout, 120)}")
    return [line.strip() for line in done.stdout.splitlines()]
