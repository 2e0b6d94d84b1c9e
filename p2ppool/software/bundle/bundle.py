"""The install bundle for hosts: one `install.tgz` with a package and a node config.

Its root has `start` (see `start_script`), `node.config` (the template that the first start copies) and the
package's files below `package/`; if the package was adapted (see `adaptation`), also the script `ifconfig`.
Its digest is the SHA-256 of the very bytes that a host receives, so that a
host can check it with `sha256sum`. Equal input gives equal bytes on every machine and Python version: names
are sorted, times and owners fixed, and files keep their compression from the zip (see `tgz`), but for adapted
ones, which are not compressed. Equal input
means a byte-identical zip, an equal config and the same number of nodes.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from p2ppool.software.archive.limits import DEFAULT_LIMITS, PackageLimits
from p2ppool.software.archive.member_names import all_folders
from p2ppool.software.archive.tgz import TgzWriter
from p2ppool.software.archive.zip_entries import ZipEntry, ZipFileBytes, packed, unpacked
from p2ppool.software.bundle import adaptation
from p2ppool.software.bundle.node_config import NodeConfig
from p2ppool.software.bundle.node_config_xml import write_node_config
from p2ppool.software.package.package import Package, open_package
from p2ppool.software.runtime.runtime import Runtime, start_script

CONFIG = "node.config"
START = "start"
PACKAGE = "package"


@dataclass(frozen=True)
class Bundle:
    """An install bundle.

    Attributes:
        data: the bytes of `install.tgz`.
        digest: the SHA-256 of these bytes, in hexadecimal.
        package_digest: SHA-256 of the zip from which it was built.
        runtime: the runtime that the host must have.
        adapted: paths of the package's files that it holds with other bytes.
    """

    data: bytes = field(repr=False)
    digest: str
    package_digest: str
    runtime: Runtime
    adapted: tuple[str, ...] = ()


def build_bundle(
    package: Path | bytes,
    config: NodeConfig,
    nodes_per_process: int = 1,
    limits: PackageLimits = DEFAULT_LIMITS,
    runtime_digest: str | None = None,
    *,
    adapt: bool = True,
) -> Bundle:
    """Build the bundle from the zip `package`, which is checked once more, for hosts with this config.

    A pool that brings its runtime along passes the runtime's digest, so another runtime gives another bundle.
    With `adapt`, files of the package that can't work on the Linux of today are changed.

    Raises:
        PackageError: the zip is unusable.
        UserError: the number of nodes per process is out of range.
    """
    out = io.BytesIO()
    with open_package(package, limits) as (file, checked):
        program = checked.program
        start = start_script(program.runtime, program.path, nodes_per_process, runtime_digest)
        changed = frozenset(_adapted(file, checked) if adapt else ())
        tgz = TgzWriter(out)
        tgz.file(CONFIG, write_node_config(config), mode=0o644)
        for folder in ("", *all_folders((entry.path for entry in checked.files), checked.folders)):
            tgz.folder(f"{PACKAGE}/{folder}".rstrip("/"))
        for entry in checked.files:
            _add_file(tgz, file, entry, adapt=entry.path in changed)
        tgz.file(START, start.encode(), mode=0o755)
        if changed:
            tgz.file(adaptation.SCRIPT, adaptation.script(), mode=0o755)
        tgz.close()
    data = out.getvalue()
    return Bundle(
        data, hashlib.sha256(data).hexdigest(), checked.digest, program.runtime, tuple(sorted(changed))
    )


def _adapted(file: ZipFileBytes, package: Package) -> Iterator[str]:
    return (found.path for found in adaptation.adapted_files(file, package.files, package.program))


def _add_file(tgz: TgzWriter, file: ZipFileBytes, entry: ZipEntry, *, adapt: bool) -> None:
    path, mode = f"{PACKAGE}/{entry.path}", 0o755 if entry.executable else 0o644
    if adapt:
        tgz.file(path, adaptation.adapted(b"".join(unpacked(file, entry))), mode=mode)
    elif entry.deflated and entry.size:
        tgz.packed_file(path, packed(file, entry), size=entry.size, crc=entry.crc, mode=mode)
    else:
        tgz.file(path, b"".join(unpacked(file, entry)), mode=mode)
