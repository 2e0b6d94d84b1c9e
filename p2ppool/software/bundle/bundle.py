"""The install bundle: what goes to the hosts, one `install.tgz` made of a package and a node config.

Its root holds `start` (see `start_script`), `node.config` (the template that the first start copies) and the
package's files below `package/`. Its digest is the SHA-256 of the very bytes that a host receives, so that a
host checks it with `sha256sum`. Equal input gives equal bytes on every machine and Python: names are sorted,
times and owners fixed, and files keep the compression that they have in the zip (see `tgz`). Equal input is
the same zip byte by byte, an equal config and as many nodes.
"""

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

from p2ppool.software.archive.limits import DEFAULT_LIMITS, PackageLimits
from p2ppool.software.archive.member_names import all_folders
from p2ppool.software.archive.tgz import TgzWriter
from p2ppool.software.archive.zip_entries import ZipEntry, ZipFileBytes, packed, unpacked
from p2ppool.software.bundle.node_config import NodeConfig
from p2ppool.software.bundle.node_config_xml import write_node_config
from p2ppool.software.package.package import open_package
from p2ppool.software.runtime.runtime import Runtime, start_script

CONFIG = "node.config"
START = "start"
PACKAGE = "package"


@dataclass(frozen=True)
class Bundle:
    """An install bundle.

    Attributes:
        data: the bytes of `install.tgz`.
        digest: their SHA-256, hexadecimal.
        package_digest: SHA-256 of the zip that it was made of.
        runtime: what must be on the host.
    """

    data: bytes = field(repr=False)
    digest: str
    package_digest: str
    runtime: Runtime


def build_bundle(
    package: Path | bytes,
    config: NodeConfig,
    nodes_per_process: int = 1,
    limits: PackageLimits = DEFAULT_LIMITS,
    runtime_digest: str | None = None,
) -> Bundle:
    """Makes the bundle of the zip `package` (checked once more) for hosts with this config.

    A pool that brings its runtime along gives the digest of that, so another runtime is another bundle.

    Raises:
        PackageError: the zip can't be used.
        UserError: the number of nodes per process is out of bounds.
    """
    out = io.BytesIO()
    with open_package(package, limits) as (file, checked):
        program = checked.program
        start = start_script(program.runtime, program.path, nodes_per_process, runtime_digest)
        tgz = TgzWriter(out)
        tgz.file(CONFIG, write_node_config(config), mode=0o644)
        for folder in ("", *all_folders((entry.path for entry in checked.files), checked.folders)):
            tgz.folder(f"{PACKAGE}/{folder}".rstrip("/"))
        for entry in checked.files:
            _add_file(tgz, file, entry)
        tgz.file(START, start.encode(), mode=0o755)
        tgz.close()
    data = out.getvalue()
    return Bundle(data, hashlib.sha256(data).hexdigest(), checked.digest, program.runtime)


def _add_file(tgz: TgzWriter, file: ZipFileBytes, entry: ZipEntry) -> None:
    path, mode = f"{PACKAGE}/{entry.path}", 0o755 if entry.executable else 0o644
    if entry.deflated and entry.size:
        tgz.packed_file(path, packed(file, entry), size=entry.size, crc=entry.crc, mode=mode)
    else:
        tgz.file(path, b"".join(unpacked(file, entry)), mode=mode)
