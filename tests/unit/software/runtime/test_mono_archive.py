"""The mono of this machine as an archive: what is in it, and that it runs where it is unpacked."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from p2ppool.errors import UserError
from p2ppool.software.runtime import mono_archive
from p2ppool.software.runtime.mono import NEEDED_ASSEMBLIES, InstalledMono, find_mono
from p2ppool.software.runtime.mono_archive import collect_mono
from p2ppool.software.runtime.shared_libraries import needs_of

pytestmark = pytest.mark.slow

DLL = "gac/System/4.0.0.0__b77a5c561934e089/System.dll"


@pytest.fixture
def small(tmp_path):
    """A mono of a few small files; its program is an ordinary one."""
    files = {
        "lib/mono/4.5/mscorlib.dll": b"MZ core",
        f"lib/mono/{DLL}": b"MZ system" * 100,
        f"lib/mono/{DLL}.config": b'<dllmap target="$mono_libdir/libX.so"/>',
        "lib/mono/gac/System/readme": b"not of the class library",
        "lib/libMonoPosixHelper.so": Path(shutil.which("true")).read_bytes(),
        "etc/mono/config": b'<dllmap target="$mono_libdir/libMonoPosixHelper.so"/>',
        "etc/mono/4.5/machine.config": b"<configuration/>",
    }
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return InstalledMono(
        program=Path(shutil.which("true")).resolve(),
        version="6.8.0.105",
        assemblies=tmp_path / "lib/mono",
        native=(tmp_path / "lib/libMonoPosixHelper.so",),
        config=tmp_path / "etc/mono",
    )


def members(collected):
    with tarfile.open(fileobj=io.BytesIO(collected.data), mode="r:gz") as archive:
        return {member.name: member for member in archive.getmembers()}


def contents(collected):
    with tarfile.open(fileobj=io.BytesIO(collected.data), mode="r:gz") as archive:
        return {
            member.name: archive.extractfile(member).read()
            for member in archive.getmembers()
            if member.isfile()
        }


def test_equal_files_give_equal_bytes_whenever_they_were_written(small):
    first = collect_mono(small)
    for path in (small.assemblies / "4.5/mscorlib.dll", small.config / "config"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert collect_mono(small) == first
    (small.assemblies / DLL).write_bytes(b"MZ another")
    assert collect_mono(small).data != first.data


def test_it_holds_the_program_with_all_that_it_needs_of_this_machine(small):
    files = contents(collect_mono(small))
    needs = needs_of([small.program])
    assert files["bin/mono-sgen"] == small.program.read_bytes()
    assert files["bin/ld.so"] == needs.linker.read_bytes()
    assert files["lib/libc.so.6"] == needs.libraries["libc.so.6"].read_bytes()
    assert files[f"lib/mono/{DLL}"] == (small.assemblies / DLL).read_bytes()
    assert "lib/mono/gac/System/readme" not in files


def test_libraries_are_named_without_the_folder_that_is_built_into_mono(small):
    files = contents(collect_mono(small))
    assert files["etc/mono/config"] == b'<dllmap target="libMonoPosixHelper.so"/>'
    assert files[f"lib/mono/{DLL}.config"] == b'<dllmap target="libX.so"/>'


def test_there_are_only_plain_files_and_folders_and_nobody_s_name(small):
    (small.assemblies / "gac/System/4.0.0.0__b77a5c561934e089/Shadow.dll").symlink_to("/etc/passwd")
    found = members(collect_mono(small))
    assert not [name for name in found if "Shadow" in name or name.startswith("/") or ".." in name]
    for member in found.values():
        assert member.isfile() or member.isdir()
        assert (member.uid, member.mtime, member.uname) == (0, 0, "")
        assert member.mode == (0o755 if member.isdir() or member.name.startswith("bin/") else 0o644)


def test_far_too_much_is_refused(small, monkeypatch):
    monkeypatch.setattr(mono_archive, "MAX_BYTES", 1024 * 1024)
    with pytest.raises(UserError, match="more than 1 MiB"):
        collect_mono(small)


def test_a_file_that_is_missing_is_named(small):
    (small.assemblies / "4.5/mscorlib.dll").unlink()
    with pytest.raises(UserError, match=r"mscorlib\.dll can't be read: No such file"):
        collect_mono(small)


def test_a_program_that_is_none_is_reported(small):
    with pytest.raises(UserError, match=r"ldd can't read .*mscorlib\.dll"):
        collect_mono(replace(small, program=small.assemblies / "4.5/mscorlib.dll"))


def test_where_no_mono_is_the_packages_to_install_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="mono is not installed on this machine: apt install mono-runtime "):
        find_mono()


@pytest.fixture
def other_mono(mono, monkeypatch, tmp_path):
    """A second mono, the first on the PATH, of which only the program is there."""
    (tmp_path / "bin").mkdir()
    shutil.copy(mono.program, tmp_path / "bin/mono")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return tmp_path


def test_what_a_mono_lacks_is_named(other_mono):
    with pytest.raises(UserError) as refused:
        find_mono()
    for name in ("4.5/mscorlib.dll", "libmono-native.so", *NEEDED_ASSEMBLIES, "apt install"):
        assert name in str(refused.value)


@pytest.mark.parametrize("text", ["#!/bin/sh\necho 'Mono 6.12'\n", ""])
def test_a_script_in_mono_s_place_is_not_taken_for_it(other_mono, text):
    (other_mono / "bin/mono").write_text(text)
    with pytest.raises(UserError, match="is not mono but a script"):
        find_mono()


@pytest.fixture
def unpacked(carried_mono, tmp_path):
    """The archive in a folder with a space, and the only mono that is named by the environment."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    subprocess.run(["tar", "-xzf", "-", "-C", folder], input=carried_mono.data, check=True)
    return folder


def test_this_machine_s_mono_runs_where_it_was_unpacked(unpacked, carried_mono, mono):
    done = subprocess.run(["sh", unpacked / "bin/mono", "--version"], capture_output=True, check=True)
    assert f"version {mono.version} ".encode() in done.stdout
    assert (carried_mono.version, carried_mono.machine) == (mono.version, os.uname().machine)


@pytest.mark.parametrize("shell", [["dash"], ["busybox", "sh"], ["bash"]], ids=lambda shell: shell[0])
def test_a_node_runs_on_it_by_its_files_alone(unpacked, mono_package, tmp_path, shell):
    with zipfile.ZipFile(io.BytesIO(mono_package)) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "node.config").write_text("<NodeConfig/>")
    hostile = dict.fromkeys(("MONO_PATH", "MONO_CFG_DIR", "LD_LIBRARY_PATH"), "/nowhere")
    with subprocess.Popen(
        [*shell, unpacked / "bin/mono", tmp_path / "P2PNode.exe", "-n", "node.config"],
        cwd=tmp_path,
        env={**hostile, "PATH": os.environ["PATH"], "MONO_DISABLE_SHARED_AREA": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as node:
        try:
            said = node.stdout.readline()
            mapped = Path(f"/proc/{node.pid}/maps").read_text()
        finally:
            node.kill()
    assert said == f"runs on {unpacked}/lib/mono/4.5/mscorlib.dll\n"
    elsewhere = [line for line in mapped.splitlines() if "/" in line and str(tmp_path) not in line]
    assert not [line for line in elsewhere if line.split()[1][2] == "x" or line.endswith((".so", ".dll"))]
    assert "<NodeAddress>" in (tmp_path / "node.config").read_text()


@pytest.mark.parametrize("name", ["a:b", "a;b", "a$b"])
def test_a_folder_whose_name_the_linker_would_misread_is_reported(unpacked, name):
    place = unpacked.rename(unpacked.parent / name)
    done = subprocess.run(
        ["sh", place / "bin/mono", "--version"], capture_output=True, check=False, text=True
    )
    assert done.returncode == 126
    assert f"mono can't run in {place}" in done.stderr


def test_two_archives_of_this_machine_s_mono_have_one_digest(mono, carried_mono):
    again = collect_mono(find_mono())
    assert hashlib.sha256(again.data).digest() == hashlib.sha256(carried_mono.data).digest()
