"""The mono of this machine, for tests of runtimes that come along."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from p2ppool.errors import UserError
from p2ppool.software.runtime.mono import find_mono
from p2ppool.software.runtime.mono_archive import collect_mono
from tests.lab.skipping import skip_unless_ci

_SOURCE = Path(__file__).with_name("Node.cs")
_LIBRARIES = "System.Core,System.Runtime.Remoting,Mono.Posix"


def why_no_mono():
    """Why programs for mono can't be made and run here, or None."""
    if not shutil.which("mcs"):
        return "no mcs is installed: run scripts/install-test-tools"
    try:
        find_mono()
    except UserError as error:
        return str(error)
    return None


@pytest.fixture(scope="session")
def mono():
    """The mono that is installed here."""
    skip_unless_ci(why_no_mono())
    return find_mono()


@pytest.fixture(scope="session")
def carried_mono(mono):
    """It as an archive (`CollectedRuntime`)."""
    return collect_mono(mono)


@pytest.fixture(scope="session")
def mono_package(mono, tmp_path_factory):
    """A zip as a manager adds it, with Node.cs as its P2PNode.exe."""
    program = tmp_path_factory.mktemp("mono") / "P2PNode.exe"
    subprocess.run(["mcs", f"-r:{_LIBRARIES}", f"-out:{program}", _SOURCE], check=True, capture_output=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(program, program.name)
    return out.getvalue()
