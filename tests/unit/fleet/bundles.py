"""Small install bundles whose node is a shell script."""

import hashlib
import io
import tarfile

from p2ppool.fleet.agent import FolderRequest, InstallRequest

POOL = "pool-1"
CONFIG = "<NodeConfig>\n  <BrunetNamespace>test</BrunetNamespace>\n</NodeConfig>\n"
STAYS = "exec sleep 1000"


def bundle_of(start=STAYS, *, config=CONFIG, ballast=b"", start_mode=0o755):
    """A bundle; `ballast` makes it as large as it is itself, if it can't be compressed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data, mode in (
            ("start", f"#!/bin/sh\n{start}\n".encode(), start_mode),
            ("node.config", config.encode(), 0o600),
            ("package/ballast", ballast, 0o600),
        ):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), mode
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def install_request(base, start=STAYS, *, pool=POOL, runtime="sh", fence=0, **what):
    bundle = bundle_of(start, **what)
    digest = hashlib.sha256(bundle).hexdigest()
    return InstallRequest(
        base=str(base), pool=pool, digest=digest, bundle=bundle, runtime=runtime, fence=fence
    )


def folder_request(base, *, pool=POOL, fence=0):
    return FolderRequest(base=str(base), pool=pool, fence=fence)
