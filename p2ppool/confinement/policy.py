"""What a confined program may use of the machine: its own folder, and the system's programs."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from p2ppool.confinement import landlock
from p2ppool.confinement.landlock import CHANGE, READ, RUN, USE_DEVICE, Files, Ports, Ruleset
from p2ppool.confinement.node_ports import TcpPorts

_PROGRAMS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_CONFIGURATION: Final = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload"),
    *("gai.conf", "host.conf", "hosts", "nsswitch.conf", "protocols", "resolv.conf", "services"),
    *("ca-certificates", "crypto-policies", "locale.alias", "localtime", "mono", "pki", "ssl", "timezone"),
    *("alternatives", "group", "passwd"),
)
_RESOLVERS: Final = ("/run/systemd/resolve", "/run/resolvconf")
"""Folders to which /etc/resolv.conf may link; the file there is replaced now and then."""
_MACHINE: Final = ("/proc", "/sys/devices/system/cpu")
"""Facts that runtimes read. Of other processes, the kernel shows what everybody sees, not what they hold."""
_DEVICES: Final = ("full", "null", "random", "tty", "urandom", "zero")
_ANY_FREE_PORT: Final = 0
"""A port that the kernel chooses: whoever listens without binding gets one in any case."""
_DROPPED: Final = "P2PPOOL_LAUNCHER"


class ConfinementError(Exception):
    """A program can't be confined; the text says why."""


def readable(extra: Iterable[Path]) -> Iterator[Path]:
    """Yield the folders whose programs may be run and whose files may be read."""
    yield from map(Path, _PROGRAMS)
    yield Path(sys.base_prefix)
    yield from extra


def refuse_exposed(folders: Iterable[Path], hidden: Iterable[Path]) -> None:
    """Check that nothing that must stay hidden lies in a folder that may be read.

    Raises:
        ConfinementError: something does.
    """
    for folder in folders:
        for place in hidden:
            if place.resolve().is_relative_to(folder.resolve()):
                raise ConfinementError(
                    f"{place} is in {folder}, which programs of packages may read: move it"
                )


def ruleset(folder: Path, extra: Iterable[Path], ports: TcpPorts, interface: int) -> Ruleset:
    """Build the rules for a node of the pool's folder, which is `node` in there.

    Raises:
        OSError: the kernel has no Landlock, or a path can't be opened.
    """
    rules = Ruleset(interface)
    for place, rights in _rights(folder, extra):
        rules.allow(place, rights)
    for port in (*ports.listened, _ANY_FREE_PORT):
        rules.allow_port(port, Ports.BIND)
    for port in ports.dialled:
        rules.allow_port(port, Ports.CONNECT)
    return rules


def _rights(folder: Path, extra: Iterable[Path]) -> Iterator[tuple[Path, Files]]:
    for place in (*readable(extra), folder):
        yield place, RUN
    yield folder / "node", CHANGE
    for name in _CONFIGURATION:
        yield Path("/etc", name), READ
    for name in (*_RESOLVERS, *_MACHINE):
        yield Path(name), READ
    for name in _DEVICES:
        yield Path("/dev", name), USE_DEVICE


def environment(given: Mapping[str, str], folder: Path, extra: Iterable[Path]) -> dict[str, str]:
    """Return the variables of the program: its home is the node's folder, its PATH what it may read."""
    home = str(folder / "node")
    kept = {name: value for name, value in given.items() if name != _DROPPED}
    return {**kept, "HOME": home, "TMPDIR": home, "PATH": _path(given.get("PATH", os.defpath), extra)}


def _path(given: str, extra: Iterable[Path]) -> str:
    """Leave out what can't be read; this Python comes last, for a system that has none of its own."""
    folders = [place.resolve() for place in readable(extra)]
    kept = [
        place
        for place in given.split(os.pathsep)
        if place and any(Path(place).resolve().is_relative_to(folder) for folder in folders)
    ]
    return os.pathsep.join([*kept, f"{sys.base_prefix}/bin"])


def missing(machine: str, interface: int | None = None) -> str | None:
    """Return what this machine lacks to confine programs; None if nothing."""
    from p2ppool.confinement.seccomp import is_known  # noqa: PLC0415

    if (landlock.version() if interface is None else interface) == 0:
        return "its kernel has no Landlock (Linux 5.13 or newer, switched on by lsm=landlock,… at boot)"
    if not is_known(machine):
        return f"there is no system call filter for {machine}"
    return None
