"""Packages of P2P software in other versions than the one that comes with the program."""

import io
import json
import zipfile

from p2ppool.software.package.reference import reference_package

_MANIFEST = json.dumps({"runtime": "python3", "program": "P2PNode.py"})
BROKEN = "import sys\nprint('Invalid NodeConfig file: cannot be read')\nsys.exit(255)\n"
BROKEN_ON_HOSTS = (
    "import sys, time\n"
    "if 'XmlRpcManager' not in open('node.config').read():\n"
    "    print('Invalid NodeConfig file: cannot be read')\n"
    "    sys.exit(255)\n"
    "while True:\n    time.sleep(1)\n"
)
"""A node that runs as local node only."""
ENDS_LATE = "import sys, time\ntime.sleep(2.5)\nprint('the late reason')\nsys.exit(1)\n"
"""A node that ends after the agent has watched it for a moment."""
LONER = "import time\nwhile True:\n    time.sleep(1)\n"
"""A node that stays up and never joins anybody."""


def another_reference_node(path, note):
    """The reference node with another text in its zip, so with another digest."""
    out = io.BytesIO(reference_package())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("NOTES", note)
    path.write_bytes(out.getvalue())
    return path


def a_node_that(path, source):
    """A package whose whole program is this Python source."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p2ppool.json", _MANIFEST)
        archive.writestr("P2PNode.py", source)
    return path
