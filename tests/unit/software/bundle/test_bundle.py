import gzip
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.errors import UserError
from p2ppool.software.archive.limits import PackageError
from p2ppool.software.bundle.bundle import build_bundle
from p2ppool.software.bundle.node_config import PoolNetwork, host_config
from p2ppool.software.bundle.node_config_xml import write_node_config
from p2ppool.software.runtime.runtime import Runtime, start_script
from tests.unit.software.zips import PROGRAM, RawMember, raw_zip, zip_of

NETWORK = PoolNetwork("Lab_Ring", 15000, None)
CONFIG = host_config(NETWORK, NETWORK.transport_addresses(["10.0.0.1", "10.0.0.2"]))
FILES = {**PROGRAM, "lib/Brunet.dll": b"MZ library " * 500, "empty": b"", "lib/deep/x": b"1" * 513}

# Packed once and for all: a compressor of today may pack the same bytes in another way tomorrow.
DEFLATED = RawMember("lib/a.dll", b"a" * 1000, packed=bytes.fromhex("4b4c1c05a360140c770000"))
GOLDEN = raw_zip(
    RawMember("P2PNode.exe", b"MZ the program", method=0),
    DEFLATED,
    RawMember("run", b"x", method=0, mode=0o100755),
)
GOLDEN_DIGEST = "7510c28795832d1050b5802fe5a8fd71feeef413960e6632592c706c845aa856"

BUILD = """
import sys
from p2ppool.software.bundle.bundle import build_bundle
from p2ppool.software.bundle.node_config import PoolNetwork, host_config
network = PoolNetwork("Lab_Ring", 15000, None)
config = host_config(network, network.transport_addresses(["10.0.0.1", "10.0.0.2"]))
print(build_bundle(sys.stdin.buffer.read(), config, 3).digest)
"""


def unpacked(data):
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        return {
            member.name: archive.extractfile(member).read()
            for member in archive.getmembers()
            if member.isfile()
        }


def test_holds_the_start_script_the_config_and_the_package():
    contents = unpacked(build_bundle(zip_of(FILES), CONFIG, 3).data)
    assert contents == {
        "node.config": write_node_config(CONFIG),
        "start": start_script(Runtime.MONO, "P2PNode.exe", 3).encode(),
        **{f"package/{path}": data for path, data in FILES.items()},
    }


def test_modes_owners_and_times_are_fixed():
    data = build_bundle(raw_zip(RawMember("P2PNode.exe"), RawMember("tool", mode=0o100700)), CONFIG).data
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        members = archive.getmembers()
    assert [(member.name, oct(member.mode)) for member in members] == [
        ("node.config", "0o644"),
        ("package", "0o755"),
        ("package/P2PNode.exe", "0o644"),
        ("package/tool", "0o755"),
        ("start", "0o755"),
    ]
    assert {(member.mtime, member.uid, member.gid, member.uname, member.gname) for member in members} == {
        (0, 0, 0, "", "")
    }


def test_keeps_empty_folders():
    data = build_bundle(zip_of({**PROGRAM, "logs/old/": b""}), CONFIG).data
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        assert [member.name for member in archive if member.isdir()] == [
            "package",
            "package/logs",
            "package/logs/old",
        ]


def test_keeps_long_and_foreign_names():
    path = "ä" * 100 + "/" + "folder/" * 20 + "日本語.dll"
    assert unpacked(build_bundle(zip_of({**PROGRAM, path: b"1"}), CONFIG).data)[f"package/{path}"] == b"1"


def test_is_reported_by_the_digest_of_the_bytes_that_a_host_gets():
    bundle = build_bundle(zip_of(FILES), CONFIG)
    assert bundle.digest == hashlib.sha256(bundle.data).hexdigest()
    assert bundle.package_digest == hashlib.sha256(zip_of(FILES)).hexdigest()
    assert bundle.runtime is Runtime.MONO


def test_is_about_as_small_as_the_package():
    noise = os.urandom(1000)
    package = zip_of({**PROGRAM, "library.dll": noise * 200})
    assert len(build_bundle(package, CONFIG).data) < len(package) + 6000


def test_does_not_show_its_bytes():
    assert "data" not in repr(build_bundle(zip_of(FILES), CONFIG))


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=6).map(lambda name: f"d/{name}"),
        st.binary(max_size=70_000),
        max_size=4,
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_any_package_comes_out_as_it_went_in(members, method):
    contents = unpacked(build_bundle(zip_of({**PROGRAM, **members}, method), CONFIG).data)
    assert {path: contents[f"package/{path}"] for path in members} == members


class TestTheSameInput:
    def test_gives_the_digest_that_is_written_here(self):
        assert build_bundle(GOLDEN, CONFIG, 3).digest == GOLDEN_DIGEST

    def test_gives_the_same_bytes_again(self, tmp_path):
        path = tmp_path / "basicnode.zip"
        path.write_bytes(GOLDEN)
        assert build_bundle(path, CONFIG).data == build_bundle(GOLDEN, CONFIG).data

    @pytest.mark.parametrize("name", ["python3.11", "python3.12", "python3.13"])
    def test_gives_the_same_digest_on_each_python(self, name):
        python = shutil.which(name)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
        if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
            pytest.skip(f"no {name} here")
        done = subprocess.run(
            [python, "-c", BUILD],
            input=GOLDEN,
            capture_output=True,
            check=False,
            env=environment,
            timeout=120,
        )
        assert done.stdout.decode().strip() == GOLDEN_DIGEST, done.stderr.decode()[-2000:]

    @pytest.mark.parametrize("other", ["package", "config", "nodes"])
    def test_is_needed_for_the_same_digest(self, other):
        changes = {"package": zip_of(FILES)} if other == "package" else {}
        config = host_config(NETWORK, ()) if other == "config" else CONFIG
        nodes = 2 if other == "nodes" else 1
        one = build_bundle(GOLDEN, CONFIG, 1)
        assert build_bundle(changes.get("package", GOLDEN), config, nodes).digest != one.digest


class TestOnAHost:
    @pytest.fixture
    def tgz(self, tmp_path):
        path = tmp_path / "install.tgz"
        path.write_bytes(build_bundle(zip_of(FILES), CONFIG).data)
        return path

    def test_gzip_finds_no_fault(self, tgz):
        assert subprocess.run(["gzip", "-t", tgz], capture_output=True, check=False).stderr == b""

    @pytest.mark.parametrize("tar", [["tar"], ["busybox", "tar"], ["bsdtar"]], ids=" ".join)
    def test_tar_unpacks_it(self, tgz, tmp_path, tar):
        if shutil.which(tar[0]) is None:
            pytest.skip(f"no {tar[0]} here")
        folder = tmp_path / "unpacked"
        folder.mkdir()
        done = subprocess.run([*tar, "-xzf", tgz, "-C", folder], capture_output=True, check=False, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        found = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        assert found == unpacked(tgz.read_bytes())
        assert os.access(folder / "start", os.X_OK)

    def test_sha256sum_reports_the_digest(self, tgz):
        told = subprocess.run(["sha256sum", tgz], capture_output=True, check=False, text=True).stdout.split()[
            0
        ]
        assert told == build_bundle(zip_of(FILES), CONFIG).digest

    def test_a_cut_off_one_is_noticed(self, tgz):
        tgz.write_bytes(tgz.read_bytes()[:-700])
        with pytest.raises((EOFError, gzip.BadGzipFile)):
            gzip.decompress(tgz.read_bytes())


def test_a_bad_package_is_refused_again():
    with pytest.raises(PackageError, match="leads out of it"):
        build_bundle(raw_zip(RawMember("P2PNode.exe"), RawMember("../x")), CONFIG)


def test_a_bad_number_of_nodes_is_refused():
    with pytest.raises(UserError, match="nodes per process: 0"):
        build_bundle(GOLDEN, CONFIG, 0)
