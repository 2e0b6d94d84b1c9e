import ast
import io
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from importlib.resources import files

from p2ppool.software.bundle.bundle import build_bundle
from p2ppool.software.bundle.node_config import EdgeListener, NodeConfig, Protocol
from p2ppool.software.package.package import read_package
from p2ppool.software.package.program import Program
from p2ppool.software.package.reference import reference_package
from p2ppool.software.runtime.runtime import Runtime
from tests.lab.overlay.node_config import parse_node_config


def test_is_a_package_that_python_starts():
    assert read_package(reference_package()).program == Program(Runtime.PYTHON3, "P2PNode.py")


def test_holds_the_reference_nodes_sources_and_nothing_else():
    paths = {file.path for file in read_package(reference_package()).files}
    sources = {
        f"p2pnode/{path.name}" for path in files("p2ppool.node").iterdir() if path.name.endswith(".py")
    }
    assert paths == {"p2ppool.json", "P2PNode.py", *sources}


def test_has_equal_bytes_each_time():
    assert reference_package() == reference_package()


def test_has_the_same_files_with_the_same_bytes_as_installed():
    with zipfile.ZipFile(io.BytesIO(reference_package())) as archive:
        assert archive.read("p2pnode/address.py") == (files("p2ppool.node") / "address.py").read_bytes()


def test_travels_alone_without_the_manager():
    """A module that imports the manager, or a library, works on the manager's machine only."""
    with zipfile.ZipFile(io.BytesIO(reference_package())) as archive:
        for path in archive.namelist():
            if path.endswith(".py"):
                assert imports(archive.read(path)) <= {*sys.stdlib_module_names, "p2pnode"}, path


def imports(source):
    """The first names of what a module imports, but for its own package's."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    whole = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.partition(".")[0] for name in plain | whole}


def test_starts_from_where_it_was_unpacked(tmp_path):
    with zipfile.ZipFile(io.BytesIO(reference_package())) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-B", tmp_path / "P2PNode.py", "-n", tmp_path / "none.config"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode != 0
    assert "none.config" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_runs_out_of_its_bundle_and_leaves_at_sigint(tmp_path):
    config = NodeConfig("G8", (), (EdgeListener(Protocol.UDP, 0),))
    with tarfile.open(fileobj=io.BytesIO(build_bundle(reference_package(), config, 2).data)) as archive:
        archive.extractall(tmp_path / "current", filter="data")
    live = tmp_path / "node.config"
    shutil.copy(tmp_path / "current" / "node.config", live)
    node = subprocess.Popen(
        ["current/start", "node.config"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        started = [node.stdout.readline(), node.stdout.readline()]
        node.send_signal(signal.SIGINT)
        assert node.wait(timeout=60) == 0
    finally:
        node.kill()
        node.communicate()
    assert all("is connecting to G8." in line for line in started)
    assert parse_node_config(live.read_bytes()).node_address in started[0]
