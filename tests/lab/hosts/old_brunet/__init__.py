"""A stand-in for the Brunet of 2010, made here: it has both traits that keep that from running today."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.lab.hosts.mono import why_no_mono
from tests.lab.skipping import skip_unless_ci

_HERE = Path(__file__).parent
LIBRARY = "Brunet.IPAddresses.dll"
PROGRAM = "P2PNode.exe"
OTHER_SECURITY = "Mono.Security.dll"


@pytest.fixture(scope="session")
def old_brunet_package(tmp_path_factory):
    """A zip as a manager adds it."""
    skip_unless_ci(why_no_mono())
    folder = tmp_path_factory.mktemp("old-brunet")
    for made, kind, sources, libraries in (
        (PROGRAM, "exe", ("OldNode.cs", "Addresses.cs"), "System.Runtime.Remoting,Mono.Posix"),
        (LIBRARY, "library", ("Addresses.cs",), "System"),
        (OTHER_SECURITY, "library", ("OtherSecurity.cs",), "System"),
    ):
        _compile(folder / made, kind, libraries, *(_HERE / source for source in sources))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for made in sorted(folder.iterdir()):
            archive.write(made, made.name)
    return out.getvalue()


def _compile(made, kind, libraries, *sources):
    command = ["mcs", f"-target:{kind}", f"-r:{libraries}", f"-out:{made}", *sources]
    subprocess.run(command, check=True, capture_output=True)
