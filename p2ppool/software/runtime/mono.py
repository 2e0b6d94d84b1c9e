"""The mono that is installed on this machine, with its parts where Debian's packages put them."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from p2ppool.errors import UserError, one_line
from p2ppool.software.runtime.runtime import RUNTIMES, Runtime

PACKAGES = "mono-runtime libmono-system-runtime4.0-cil libmono-posix4.0-cil"
"""Debian's packages with everything that a node needs; they depend on the rest."""

NEEDED_ASSEMBLIES = (
    "Mono.Posix",
    "Mono.Security",
    "System",
    "System.Configuration",
    "System.Core",
    "System.Runtime.Remoting",
    "System.Security",
    "System.Xml",
)
"""The parts of the class library that Brunet's nodes use, besides mscorlib."""

_NATIVE = ("libMonoPosixHelper.so", "libmono-native.so", "libmono-btls-shared.so")
_SYSTEM = Path("/usr")
_ELF = b"\x7fELF"
_VERSION = re.compile(r"\d+(?:\.\d+){1,4}")
_VERSION_SECONDS = 30


@dataclass(frozen=True)
class InstalledMono:
    """A mono on this machine.

    Attributes:
        program: the program itself, not a link to it.
        version: its reported version, such as 6.8.0.105.
        assemblies: the folder of the class library, with `4.5` and `gac` in it.
        native: the libraries that the class library calls.
        config: the folder of `config` and `4.5/machine.config`.
    """

    program: Path
    version: str
    assemblies: Path
    native: tuple[Path, ...]
    config: Path


def find_mono() -> InstalledMono:
    """Find the mono on the PATH, and check that it has everything that a node needs.

    Raises:
        UserError: there is none, it is too old, or a part is missing; the message says what to install.
    """
    found = shutil.which("mono")
    if found is None:
        raise UserError(f"mono is not installed on this machine: apt install {PACKAGES}")
    program = Path(found).resolve()
    prefix = program.parent.parent
    _check_program(program)
    mono = InstalledMono(
        program=program,
        version=_version(program),
        assemblies=prefix / "lib/mono",
        native=tuple(path for name in _NATIVE if (path := prefix / "lib" / name).is_file()),
        config=Path("/etc/mono") if prefix == _SYSTEM else prefix / "etc/mono",
    )
    _check_files(mono)
    return mono


def _check_program(program: Path) -> None:
    try:
        with program.open("rb") as file:
            is_elf = file.read(len(_ELF)) == _ELF
    except OSError as error:
        raise UserError(f"{program} can't be read: {error.strerror}") from error
    if not is_elf:
        raise UserError(
            f"{program} is not mono but a script: put the folder of mono itself first on the PATH"
        )


def _version(program: Path) -> str:
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, check=True, text=True, timeout=_VERSION_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"{program} does not report its version: {one_line(error, 120)}") from error
    match = _VERSION.search(done.stdout)
    if match is None:
        raise UserError(f"{program} reports no version but '{one_line(done.stdout, 60)}'")
    oldest = RUNTIMES[Runtime.MONO].minimal_version
    if tuple(map(int, match[0].split("."))) < oldest:
        raise UserError(f"{program} is mono {match[0]}; {'.'.join(map(str, oldest))} or newer is needed")
    return match[0]


def _check_files(mono: InstalledMono) -> None:
    files = (
        mono.assemblies / "4.5/mscorlib.dll",
        mono.config / "config",
        mono.config / "4.5/machine.config",
    )
    missing = [str(path) for path in files if not path.is_file()]
    missing += [name for name in _NATIVE[:2] if name not in {path.name for path in mono.native}]
    missing += [
        name for name in NEEDED_ASSEMBLIES if not any((mono.assemblies / "gac" / name).glob("*/*.dll"))
    ]
    if missing:
        raise UserError(f"mono lacks {', '.join(missing)} on this machine: apt install {PACKAGES}")
