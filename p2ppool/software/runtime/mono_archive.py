"""Packs the mono that is installed here into one archive, which runs from any folder of any Linux host.

It has `bin/mono` (a script that becomes mono), the program, its dynamic linker and every library that it
needs, so that the host's libc does not matter; the class library; and the configuration. Debian's mono has
/usr built in; it is overridden by mono(1)'s environment variables, and by library names without a folder,
which the linker then finds among the packed libraries.

Files are sorted, and times and owners fixed: the same files give the same bytes, as long as this machine's
zlib compresses the same way. That does not matter to hosts, since an archive is built once and stored.
"""

import io
import platform
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from p2ppool.errors import UserError
from p2ppool.software.archive.limits import MIB
from p2ppool.software.archive.member_names import all_folders
from p2ppool.software.archive.tgz import TgzWriter
from p2ppool.software.runtime.mono import InstalledMono
from p2ppool.software.runtime.shared_libraries import needs_of

MAX_BYTES = 512 * MIB
"""The limit for all files, uncompressed. A mono with every package that Debian has of it is smaller."""

# Up to glibc 2.33, host names are resolved by libraries that no program names, see nsswitch.conf(5).
_LOOKED_UP = ("libnss_dns.so.2", "libnss_files.so.2")

# The unset variables would bring in files from elsewhere; so would -O=aot: code that the machine's own mono
# has compiled.
_WRAPPER = """#!/bin/sh
# Becomes mono, with all that it needs from this folder and nothing from the machine's own.
here=$(CDPATH= cd -P -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
case $here in
*[:\\;\\$]*) echo "mono can't run in $here: a path of libraries can't hold : ; or \\$" >&2; exit 126 ;;
esac
unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT MONO_CONFIG
MONO_PATH=$here/lib/mono/4.5 MONO_GAC_PREFIX=$here MONO_CFG_DIR=$here/etc
export MONO_PATH MONO_GAC_PREFIX MONO_CFG_DIR
exec "$here/bin/ld.so" --inhibit-cache --library-path "$here/lib" "$here/bin/mono-sgen" -O=-aot "$@"
"""


@dataclass(frozen=True)
class CollectedRuntime:
    """A runtime as an archive.

    Attributes:
        version: the version of the runtime.
        machine: the machine type that it runs on, as `uname -m` prints it.
        data: the .tar.gz.
    """

    version: str
    machine: str
    data: bytes


def collect_mono(mono: InstalledMono) -> CollectedRuntime:
    """Pack that mono into an archive.

    Raises:
        UserError: a file can't be read, a library is missing, or it is far too large.
    """
    out = io.BytesIO()
    tgz = TgzWriter(out)
    sources = dict(sorted(_sources(mono).items()))
    for folder in all_folders(sources, ()):
        tgz.folder(folder)
    left = MAX_BYTES
    for path, source in sources.items():
        data = source if isinstance(source, bytes) else _read(source, left)
        left -= len(data)
        _add(tgz, path, _relocated(path, data))
    tgz.close()
    return CollectedRuntime(mono.version, platform.machine(), out.getvalue())


def _sources(mono: InstalledMono) -> dict[str, Path | bytes]:
    """Return the source of each file of the archive."""
    needs = needs_of((mono.program, *mono.native))
    libraries = {path.name: path for path in mono.native} | needs.libraries
    libc = libraries.get("libc.so.6")
    if libc is not None:
        beside = {name: libc.parent / name for name in _LOOKED_UP}
        libraries |= {name: path for name, path in beside.items() if path.is_file()}
    return {
        "bin/mono": _WRAPPER.encode(),
        "bin/mono-sgen": mono.program,
        "bin/ld.so": needs.linker,
        **{f"lib/{name}": path for name, path in libraries.items()},
        "lib/mono/4.5/mscorlib.dll": mono.assemblies / "4.5/mscorlib.dll",
        **{f"lib/mono/gac/{path}": mono.assemblies / "gac" / path for path in _assemblies(mono)},
        "etc/mono/config": mono.config / "config",
        "etc/mono/4.5/machine.config": mono.config / "4.5/machine.config",
    }


def _assemblies(mono: InstalledMono) -> Iterator[str]:
    """Yield NAME/VERSION/NAME.dll of all installed assemblies, as a package may use any; no links."""
    gac = mono.assemblies / "gac"
    for path in gac.glob("*/*/*"):
        if path.name.endswith((".dll", ".dll.config")) and path.is_file() and not path.is_symlink():
            yield path.relative_to(gac).as_posix()


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from error
    if len(data) > limit:
        raise UserError(
            f"mono's files on this machine are more than {MAX_BYTES // MIB} MiB: remove packages of mono "
            "that no node needs"
        )
    return data


def _relocated(path: str, data: bytes) -> bytes:
    """Remove mono's built-in folder from the library names in configurations, see mono-config(5)."""
    return data.replace(b"$mono_libdir/", b"") if path.endswith("config") else data


def _add(tgz: TgzWriter, path: str, data: bytes) -> None:
    mode = 0o755 if path.startswith("bin/") else 0o644
    packer = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
    packed = (packer.compress(data), packer.flush())
    tgz.packed_file(path, packed, size=len(data), crc=zlib.crc32(data), mode=mode)
