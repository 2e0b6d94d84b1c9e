"""The reference node as a package, like one that a manager adds."""

import io
import json
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from p2ppool.software.package.program import MANIFEST
from p2ppool.software.runtime.runtime import Runtime

_PROGRAM = "P2PNode.py"
_STARTER = '''"""Starts the reference node: python3 P2PNode.py [-c COUNT] -n node.config"""

import sys

from p2pnode.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
'''
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold


def reference_package() -> bytes:
    """Build the zip of `p2ppool.node` as it is installed here; equal sources give equal bytes.

    Its files are stored uncompressed, since compressors differ between machines.
    """
    manifest = json.dumps({"runtime": Runtime.PYTHON3, "program": _PROGRAM}) + "\n"
    members = {
        MANIFEST: manifest.encode(),
        _PROGRAM: _STARTER.encode(),
        **dict(_modules(files("p2ppool.node"))),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(members):
            info = zipfile.ZipInfo(path, _LONG_AGO)
            info.external_attr = 0o100644 << 16
            archive.writestr(info, members[path])
    return out.getvalue()


def _modules(folder: Traversable, path: str = "p2pnode") -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        inner = f"{path}/{item.name}"
        if item.is_dir() and item.name != "__pycache__":
            yield from _modules(item, inner)
        elif item.name.endswith(".py"):
            yield inner, item.read_bytes()
