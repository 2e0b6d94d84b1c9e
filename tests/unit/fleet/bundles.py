"""Small install bundles whose node is a shell script."""

import hashlib
import io
import platform
import tarfile
from dataclasses import replace

from p2ppool.fleet.agent.runtime_archive import RuntimeArchive
from p2ppool.fleet.agent.verbs import FolderRequest, InstallRequest

POOL = "pool-1"
CONFIG = "<NodeConfig>\n  <BrunetNamespace>test</BrunetNamespace>\n</NodeConfig>\n"
STAYS = "exec sleep 1000"
RUNTIME = "p2ppool-test-runtime"  # found on no PATH
SOUND = '[ "$1" != --version ] || exit 0; exec "$@"'


def bundle_of(start=STAYS, *, config=CONFIG, ballast=b"", start_mode=0o755):
    """A bundle; `ballast` makes it as large as it is itself, if it can't be compressed."""
    return archive_of(
        ("start", f"#!/bin/sh\n{start}\n".encode(), start_mode),
        ("node.config", config.encode(), 0o600),
        ("package/ballast", ballast, 0o600),
    )


def runtime_of(script=SOUND, *, ballast=b"", machine=None):
    """A runtime for this machine whose program is a shell script."""
    data = archive_of(
        (f"bin/{RUNTIME}", f"#!/bin/sh\n{script}\n".encode(), 0o755), ("lib/ballast", ballast, 0o600)
    )
    digest = hashlib.sha256(data).hexdigest()
    return RuntimeArchive(digest=digest, data=data, machine=machine or platform.machine())


def carrying_request(base, carried, **what):
    """An install whose node is run by the runtime that the pool brings along."""
    start = f'exec sh "${{0%/*}}/../../runtimes/{carried.digest}/bin/{RUNTIME}" sleep 1000'
    return replace(install_request(base, start, runtime=RUNTIME, **what), carried=carried)


def archive_of(*files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data, mode in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def install_request(base, start=STAYS, *, pool=POOL, runtime="sh", fence=0, manager="", **what):
    bundle = bundle_of(start, **what)
    digest = hashlib.sha256(bundle).hexdigest()
    return InstallRequest(
        base=str(base), pool=pool, digest=digest, bundle=bundle, runtime=runtime, fence=fence, manager=manager
    )


def folder_request(base, *, pool=POOL, fence=0, manager=""):
    return FolderRequest(base=str(base), pool=pool, fence=fence, manager=manager)
