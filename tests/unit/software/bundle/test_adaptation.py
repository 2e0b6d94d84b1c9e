"""Bundles hold a Brunet that runs on the Linux of today; packages stay as they were added."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from p2ppool.settings import Settings
from p2ppool.software.bundle import adaptation
from p2ppool.software.bundle.adapted_package import adapted_in
from p2ppool.software.bundle.bundle import build_bundle
from p2ppool.store.models import Package
from tests.lab.hosts.old_brunet import LIBRARY, OTHER_SECURITY, PROGRAM
from tests.unit.software.bundle.test_bundle import CONFIG, unpacked
from tests.unit.software.zips import zip_of

IFCONFIG = "/sbin/ifconfig".encode("utf-16-le")
OWN = "./.p2pifconfig".encode("utf-16-le")
CAPTURES = Path(__file__).parents[3] / "data" / "ifconfig"
SCRIPT = Path(adaptation.__file__).with_name("ifconfig.sh")
ASSEMBLY = b"MZ" + b"\x1d" + IFCONFIG + b"\0" + b"rest"
IP = r"""1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever
2: eth0@if7    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0\       valid_lft forever
2: eth0    inet 192.0.2.9/24 brd 192.0.2.255 scope global secondary eth0:1\       valid_lft forever"""
NEW = """eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 192.0.2.1  netmask 255.255.255.0  broadcast 192.0.2.255
        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>"""
TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.1
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
Local:
     |-- 192.0.2.1
        /32 host LOCAL"""


def test_both_assemblies_start_the_script_and_all_else_stays(old_brunet_package):
    bundle = build_bundle(old_brunet_package, CONFIG)
    before, after = (
        unpacked(build_bundle(old_brunet_package, CONFIG, adapt=False).data),
        unpacked(bundle.data),
    )
    assert bundle.adapted == (LIBRARY, PROGRAM)
    for path in (LIBRARY, PROGRAM):
        assert before[f"package/{path}"].count(IFCONFIG) == 1
        assert after[f"package/{path}"] == before[f"package/{path}"].replace(IFCONFIG, OWN)
    assert after[f"package/{OTHER_SECURITY}"] == before[f"package/{OTHER_SECURITY}"]
    assert after.keys() - before.keys() == {"ifconfig"}
    assert after["ifconfig"] == SCRIPT.read_bytes()


def test_the_same_package_gives_the_same_bytes_and_another_choice_others(old_brunet_package):
    again = build_bundle(old_brunet_package, CONFIG)
    assert build_bundle(old_brunet_package, CONFIG).digest == again.digest
    as_it_is = build_bundle(old_brunet_package, CONFIG, adapt=False)
    assert (as_it_is.adapted, as_it_is.digest != again.digest) == ((), True)
    assert again.package_digest == hashlib.sha256(old_brunet_package).hexdigest()


@pytest.mark.parametrize(
    "files",
    [
        {"P2PNode.exe": ASSEMBLY.replace(b"\x1d", b"\x21")},  # the beginning of a longer string
        {"P2PNode.exe": b"MZ", "notes.txt": ASSEMBLY[2:]},
        {"p2ppool.json": b'{"runtime": "python3", "program": "a.py"}', "a.py": ASSEMBLY},
    ],
)
def test_whatever_is_not_that_string_of_an_assembly_is_left_alone(files):
    bundle = build_bundle(zip_of(files), CONFIG)
    assert (bundle.adapted, "ifconfig" in unpacked(bundle.data)) == ((), False)
    assert {path: unpacked(bundle.data)[f"package/{path}"] for path in files} == files


def test_the_files_of_an_added_package_are_told_with_the_reason(tmp_path):
    package = zip_of({"P2PNode.exe": ASSEMBLY, "other.dll": b"MZ"})
    digest = hashlib.sha256(package).hexdigest()
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / f"{digest}.zip").write_bytes(package)
    [found] = adapted_in(Package(digest=digest), Settings(data_folder=tmp_path))
    assert found.path == "P2PNode.exe"
    assert "/sbin/ifconfig" in found.reason


def says(tmp_path, programs, trie="", shell="sh"):
    """What the script prints where the tools print these texts."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("awk", "cat", "printf", "sh"):
        (tools / name).symlink_to(shutil.which(name))
    for name, prints in programs.items():
        (tools / name).write_text(f"#!/bin/sh\ncat <<'END'\n{prints}\nEND\n")
        (tools / name).chmod(0o755)
    (tmp_path / "fib_trie").write_text(trie)
    text = SCRIPT.read_text().replace("/proc/net/fib_trie", str(tmp_path / "fib_trie"))
    (tmp_path / "script").write_text(text.replace("PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin ", ""))
    words = {"sh": ["sh"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}[shell]
    command = [shutil.which(words[0]), *words[1:], tmp_path / "script"]
    environment = {**os.environ, "PATH": str(tools)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def stanza(device, address, kind="Ethernet"):
    return f"{device:9} Link encap:{kind}\n          inet addr:{address}\n\n"


LOOPBACK = stanza("lo", "127.0.0.1", "Local Loopback")


@pytest.mark.parametrize("shell", ["sh", "bash", "busybox"])
@pytest.mark.parametrize(
    ("programs", "trie", "read"),
    [
        ({"ip": IP}, "", LOOPBACK + stanza("eth0", "192.0.2.1") + stanza("eth0", "192.0.2.9")),
        (
            {"ip": IP, "ifconfig": NEW},
            TRIE,
            LOOPBACK + stanza("eth0", "192.0.2.1") + stanza("eth0", "192.0.2.9"),
        ),
        ({"ip": "", "ifconfig": NEW}, TRIE, stanza("eth0", "192.0.2.1")),
        ({}, TRIE, stanza("eth0", "192.0.2.1") + LOOPBACK),
        ({"ifconfig": (CAPTURES / "ifconfig.net-tools-2.10.txt").read_text()}, "", LOOPBACK),
        ({"ifconfig": (CAPTURES / "ifconfig.busybox-1.35.txt").read_text()}, "", LOOPBACK),
    ],
    ids=["ip", "both", "new ifconfig", "kernel", "net-tools 2.10", "busybox 1.35"],
)
def test_the_script_prints_what_brunet_reads(tmp_path, programs, trie, read, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    assert says(tmp_path, programs, trie, shell) == read
