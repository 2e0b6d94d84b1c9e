import dataclasses
import hashlib
import json
import stat
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2ppool.software.archive.limits import DEFAULT_LIMITS, MIB, PackageError, PackageLimits
from p2ppool.software.archive.zip_entries import CHUNK
from p2ppool.software.package.package import read_package
from p2ppool.software.package.program import Program
from p2ppool.software.runtime.runtime import Runtime
from tests.unit.software.zips import PROGRAM, RawMember, deflate, program, raw_zip, zip_of

SMALL = PackageLimits(
    zip_bytes=100_000, total_bytes=MIB, member_bytes=MIB // 2, members=50, ratio_from_bytes=64 * 1024
)


def refused(data, limits=SMALL):
    with pytest.raises(PackageError) as raised:
        read_package(data, limits)
    text = str(raised.value)
    assert "\n" not in text
    assert len(text) < 300
    return text


class TestAGoodPackage:
    def test_with_p2pnode_exe_is_started_by_mono(self):
        package = read_package(zip_of({**PROGRAM, "Brunet.dll": b"MZ library"}))
        assert package.program == Program(Runtime.MONO, "P2PNode.exe")

    def test_says_in_p2ppool_json_what_starts_it(self):
        manifest = {"runtime": "python3", "program": "bin/node.py"}
        package = read_package(zip_of({"p2ppool.json": json.dumps(manifest).encode(), "bin/node.py": b""}))
        assert package.program == Program(Runtime.PYTHON3, "bin/node.py")

    def test_is_reported_by_the_digest_of_its_zip(self):
        data = zip_of(PROGRAM)
        package = read_package(data)
        assert package.digest == hashlib.sha256(data).hexdigest()
        assert package.size == len(data)

    def test_lists_its_files_by_path_and_sums_their_sizes(self):
        package = read_package(zip_of({"lib/b.dll": b"22", **PROGRAM, "lib/a.dll": b"1"}))
        assert [file.path for file in package.files] == ["P2PNode.exe", "lib/a.dll", "lib/b.dll"]
        assert package.unpacked_size == len(PROGRAM["P2PNode.exe"]) + 3

    def test_may_name_empty_folders(self):
        assert read_package(zip_of({**PROGRAM, "logs/": b""})).folders == ("logs",)

    def test_is_read_from_a_file_as_from_bytes(self, tmp_path):
        path = tmp_path / "basicnode.zip"
        path.write_bytes(zip_of(PROGRAM))
        assert read_package(path) == read_package(path.read_bytes())

    def test_keeps_who_may_execute_a_file(self):
        data = raw_zip(program(), RawMember("tool", mode=0o100755))
        assert {file.path: file.executable for file in read_package(data).files} == {
            "P2PNode.exe": False,
            "tool": True,
        }

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_may_be_stored_or_deflated(self, method):
        assert (
            read_package(zip_of({**PROGRAM, "empty": b"", "big": bytes(1000)}, method)).unpacked_size == 1014
        )

    def test_may_begin_with_foreign_bytes_as_a_self_extracting_one_does(self):
        assert read_package(b"#!/bin/sh\n" + zip_of(PROGRAM)).files[0].path == "P2PNode.exe"

    @given(
        st.dictionaries(
            st.text("abcdefgh", min_size=1, max_size=8).map(lambda name: f"folder/{name}"),
            st.binary(max_size=2000),
            max_size=8,
        ),
        st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    )
    def test_of_any_plain_files_is_accepted(self, members, method):
        package = read_package(zip_of({**PROGRAM, **members}, method))
        assert {file.path: file.size for file in package.files if file.path in members} == {
            path: len(data) for path, data in members.items()
        }


NAMES = {
    "traversal": ("../evil", "leads out of it"),
    "traversal further in": ("a/../../evil", "leads out of it"),
    "absolute": ("/etc/passwd", "is absolute or on a drive"),
    "a drive": ("C:/evil", "is absolute or on a drive"),
    "a stream of NTFS": ("a.dll:hidden", "is absolute or on a drive"),
    "backslashes": ("lib\\a.dll", "has a backslash"),
    "traversal by backslashes": ("..\\evil", "has a backslash"),
    "a dot": ("./a", "has an empty part or '.'"),
    "two slashes": ("a//b", "has an empty part or '.'"),
    "an escape sequence": ("a\x1b[31m", "characters that can't be shown"),
    "a line break": ("a\nb", "characters that can't be shown"),
    "a turned direction of text": ("a\u202eexe.txt", "characters that can't be shown"),
    "a NUL": ("a\0b", "characters that can't be shown"),
    "a part too long": ("a" * 256, "has a part longer than 255 bytes"),
    "a part too long in UTF-8 only": ("ä" * 128, "has a part longer than 255 bytes"),
    "a path too long": ("/".join(["a" * 200] * 4), "is longer than 512 bytes"),
    "too deep": ("/".join("a" * 40), "has more than 32 parts"),
}


@pytest.mark.parametrize(("name", "text"), NAMES.values(), ids=NAMES)
def test_a_path_that_could_lie_elsewhere_is_refused(name, text):
    assert text in refused(raw_zip(program(), RawMember(name)))


@pytest.mark.parametrize(("name", "text"), NAMES.values(), ids=NAMES)
def test_a_folder_that_could_lie_elsewhere_is_refused(name, text):
    assert text in refused(raw_zip(program(), RawMember(f"{name}/", b"", mode=0o40755)))


def test_a_folder_without_a_name_is_refused():
    assert "has an empty part" in refused(raw_zip(program(), RawMember("/", b"", mode=0o40755)))


TOGETHER = {
    "twice the same": (["a", "a"], "holds 'a' twice"),
    "case only": (["Lib.dll", "lib.dll"], "holds both 'Lib.dll' and 'lib.dll'"),
    "case of letters that fold into two": (["straße", "STRASSE"], "differ only in case or accents"),
    "accents composed and not": (["\u00e9", "e\u0301"], "differ only in case or accents"),
    "folders in case only": (["Lib/a", "lib/b"], "holds both 'Lib' and 'lib'"),
    "a file and a folder": (["a", "a/b"], "holds 'a' both as a file and as a folder"),
    "a folder and a file": (["a/", "a"], "holds 'a' both as a file and as a folder"),
    "a file and a folder in case only": (["A", "a/b"], "differ only in case or accents"),
}


@pytest.mark.parametrize(("names", "text"), TOGETHER.values(), ids=TOGETHER)
def test_two_paths_for_one_place_are_refused(names, text):
    members = [RawMember(name, b"" if name.endswith("/") else b"x", mode=0) for name in names]
    assert text in refused(raw_zip(program(), *members))


KINDS = {
    "symbolic link": (
        RawMember("link", b"/etc", mode=stat.S_IFLNK | 0o777),
        "holds the symbolic link 'link'",
    ),
    "device": (RawMember("null", b"", mode=stat.S_IFCHR | 0o666), "'null', which is not a plain file"),
    "pipe": (RawMember("pipe", b"", mode=stat.S_IFIFO | 0o666), "'pipe', which is not a plain file"),
    "socket": (RawMember("sock", b"", mode=stat.S_IFSOCK | 0o666), "'sock', which is not a plain file"),
    "folder under a file's name": (RawMember("a", b"", mode=0o40755), "'a', which is not a plain file"),
    "folder with data": (RawMember("a/", b"x", mode=0o40755), "the folder 'a/' with data in it"),
    "encrypted": (RawMember("a", flags=0x801), "holds 'a' encrypted"),
    "encrypted by a certificate": (RawMember("a", flags=0x841), "holds 'a' encrypted"),
    "bzip2, which can't be unpacked in small steps": (RawMember("a", method=12), "packed by a rare method"),
    "lzma": (RawMember("a", method=14), "packed by a rare method"),
    "deflate64": (RawMember("a", method=9), "packed by a rare method"),
}


@pytest.mark.parametrize(("member", "text"), KINDS.values(), ids=KINDS)
def test_anything_but_a_plain_file_or_folder_is_refused(member, text):
    assert text in refused(raw_zip(program(), member))


BIG = bytes(300_000)
LIES = {
    "a size too small": RawMember("a", b"0123456789", size=3),
    "a size too small, checksum of the part": RawMember("a", b"0123456789", size=3, crc=0xA684C7C6),
    "a size too large": RawMember("a", b"0123456789", size=30),
    "a wrong checksum": RawMember("a", b"0123456789", crc=1),
    "a stored one with another size": RawMember("a", b"0123456789", method=0, size=3),
    "a bomb that claims to be small": RawMember("a", BIG, size=10),
}


@pytest.mark.parametrize("member", LIES.values(), ids=LIES)
def test_a_file_that_is_not_what_it_claims_is_refused(member):
    assert "another size or checksum than stated" in refused(raw_zip(program(), member))


DAMAGE = {
    "packed data that are none": RawMember("a", packed=b"\xff\xff\xff", size=3),
    "packed data that end too early": RawMember("a", BIG[:999], packed=deflate(BIG[:999])[:-3]),
    "bytes after the packed data": RawMember("a", packed=deflate(b"x") + b"more", size=1),
    "a name that is not UTF-8": RawMember("\ud800"),
    "an entry outside the file": RawMember("a", offset=10_000_000),
    "an entry that points elsewhere": RawMember("a", offset=7),
}


@pytest.mark.parametrize("member", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_refused(member):
    assert "is cut off or damaged" in refused(raw_zip(program(), member))


@pytest.mark.parametrize("trailing", [b"more", bytes(9 * MIB)], ids=["a little", "a lot"])
def test_bytes_after_packed_data_that_fill_a_block_are_noticed_cheaply(trailing):
    parts = [bytes(CHUNK // 4 - 5)] * 4
    packed = b"".join(
        struct.pack("<BHH", number == 3, len(part), len(part) ^ 0xFFFF) + part
        for number, part in enumerate(parts)
    )
    assert len(packed) == CHUNK
    assert read_package(raw_zip(program(), RawMember("a", b"".join(parts), packed=packed)))
    data = raw_zip(program(), RawMember("a", b"".join(parts), packed=packed + trailing))
    tracemalloc.start()
    try:
        assert "is cut off or damaged" in refused(data, DEFAULT_LIMITS)
        assert tracemalloc.get_traced_memory()[1] < 4 * MIB
    finally:
        tracemalloc.stop()


class TestBombs:
    def test_a_huge_file_is_refused_by_its_claim(self):
        text = refused(raw_zip(program(), RawMember("a", size=2**31)), DEFAULT_LIMITS)
        assert "holds a file of more than 512 MiB" in text

    def test_many_large_files_are_refused_by_their_sum(self):
        files = [RawMember(str(number), size=500 * MIB) for number in range(3)]
        assert "is larger than 1024 MiB, unpacked" in refused(raw_zip(program(), *files), DEFAULT_LIMITS)

    def test_what_packs_too_well_is_refused(self):
        assert "unpacks to more than 100 times its size" in refused(zip_of({**PROGRAM, "zeros": BIG}))

    def test_what_packs_too_well_is_borne_while_it_is_small(self):
        assert read_package(zip_of({**PROGRAM, "zeros": bytes(60_000)}), SMALL).unpacked_size > 60_000

    def test_too_many_files_are_refused(self):
        assert "holds more than 50 files" in refused(zip_of({str(number): b"" for number in range(51)}))

    def test_too_many_files_are_refused_where_the_end_record_hides_them(self):
        files = [RawMember(str(number)) for number in range(51)]
        assert "holds more than 50 files" in refused(raw_zip(*files, count=1))

    def test_a_directory_too_long_is_refused_before_it_is_read(self):
        data = raw_zip(
            *[RawMember(f"{number:06}" + "n" * 80, b"", method=0) for number in range(60_000)], count=1
        )
        limits = dataclasses.replace(SMALL, zip_bytes=len(data))
        tracemalloc.start()
        try:
            assert "a list of them that is too long" in refused(data, limits)
            assert tracemalloc.get_traced_memory()[1] < 2 * MIB
        finally:
            tracemalloc.stop()

    def test_entries_that_share_their_data_are_refused(self):
        first = program()
        shared = RawMember("again", first.data, offset=0)
        assert "overlap each other" in refused(raw_zip(first, shared))

    def test_an_entry_inside_of_another_is_refused(self):
        inner = raw_zip(RawMember("inner", b"y" * 50, method=0))[:85]
        outer = RawMember("outer", inner, method=0)
        hidden = RawMember("inner", b"y" * 50, method=0, offset=30 + len("outer"))
        assert "overlap each other" in refused(raw_zip(outer, hidden, program()))

    def test_an_entry_that_reaches_into_the_directory_is_refused(self):
        data = bytearray(raw_zip(RawMember("P2PNode.exe", b"x", method=0)))
        at = data.index(b"PK\1\2")
        data[at + 20 : at + 24] = data[at + 24 : at + 28] = (20).to_bytes(4, "little")
        assert "overlap each other" in refused(bytes(data))

    def test_a_zip_too_large_is_refused_unread(self, tmp_path):
        path = tmp_path / "large.zip"
        with path.open("wb") as file:
            file.truncate(SMALL.zip_bytes + 1)
        assert "is larger than 0 MiB" in refused(path)

    def test_a_bomb_takes_little_memory_and_stops_where_its_claim_ends(self):
        data = raw_zip(program(), RawMember("bomb", bytes(100 * MIB), size=10 * MIB))
        tracemalloc.start()
        try:
            assert "another size" in refused(data, DEFAULT_LIMITS)
            assert tracemalloc.get_traced_memory()[1] < 4 * MIB
        finally:
            tracemalloc.stop()


class TestNotAZip:
    @pytest.mark.parametrize("data", [b"", b"hello", b"\x7fELF" + bytes(100), b"\x1f\x8b\x08" + bytes(50)])
    def test_is_reported(self, data):
        assert "is not a zip file" in refused(data)

    @pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
    def test_cut_off_is_reported(self, kept):
        data = zip_of({**PROGRAM, "library.dll": b"random enough" * 9})
        assert "is cut off or damaged" in refused(data[: int(len(data) * kept)])

    def test_in_zip64_form_is_refused(self):
        locator = b"PK\x06\x07" + bytes(16)
        assert "Zip64" in refused(raw_zip(program(), tail=locator))

    def test_empty_has_no_program(self):
        assert "has no start program" in refused(zip_of({}))

    def test_names_the_file(self, tmp_path):
        path = tmp_path / "notes.zip"
        path.write_bytes(b"hello")
        assert refused(path) == "package notes.zip: is not a zip file"

    def test_that_is_not_there_is_reported(self, tmp_path):
        assert refused(tmp_path / "none.zip") == "package none.zip: can't be read: No such file or directory"

    def test_but_a_folder_is_reported(self, tmp_path):
        assert "Is a directory" in refused(tmp_path)

    @given(st.binary(max_size=400), st.integers(0, 400))
    def test_whatever_the_bytes_the_answer_is_one_line(self, noise, at):
        honest = zip_of({**PROGRAM, "lib/a.dll": b"1"})
        assert "\n" not in answer(honest[:at] + noise + honest[at + len(noise) :])


def answer(data):
    try:
        read_package(data, SMALL)
    except PackageError as error:
        return str(error)
    return ""


MANIFESTS = {
    "not JSON": (b"{", "p2ppool.json is not JSON"),
    "not text": (b"\xff\xff", "p2ppool.json is not JSON"),
    "nested without end": (b"[" * 60_000, "p2ppool.json is not JSON"),
    "not an object": (b"[]", "p2ppool.json is not a JSON object"),
    "no program": (b'{"runtime": "mono"}', 'must be {"runtime": …, "program": …}'),
    "no runtime": (b'{"program": "a"}', 'must be {"runtime": …, "program": …}'),
    "an unknown key": (b'{"runtime": "mono", "program": "a", "root": 1}', "and hold nothing else"),
    "an unknown runtime": (b'{"runtime": "bash", "program": "a"}', "'bash' is not one of mono, python3"),
    "a runtime of another type": (b'{"runtime": ["mono"], "program": "a"}', "is not one of mono, python3"),
    "a program that is not there": (b'{"runtime": "mono", "program": "b"}', "'b' is not among its files"),
    "a program elsewhere": (b'{"runtime": "mono", "program": "/bin/sh"}', "'/bin/sh' is not among its files"),
    "a program of another type": (b'{"runtime": "mono", "program": {}}', "'{}' is not among its files"),
    "a folder as program": (b'{"runtime": "mono", "program": "lib"}', "'lib' is not among its files"),
    "too large": (b" " * 70_000, "p2ppool.json is larger than 65536 bytes"),
}


class TestTheStartProgram:
    @pytest.mark.parametrize(("manifest", "text"), MANIFESTS.values(), ids=MANIFESTS)
    def test_of_a_faulty_manifest_is_refused(self, manifest, text):
        members = {"p2ppool.json": manifest, "a": b"", "lib/x": b"", **PROGRAM}
        assert text in refused(zip_of(members, zipfile.ZIP_STORED))

    def test_must_be_there(self):
        assert refused(zip_of({"readme": b""})) == (
            "package: has no start program: put P2PNode.exe or a p2ppool.json into its root"
        )

    def test_in_a_folder_is_not_taken_but_named(self):
        assert "(it is at 'basicnode/P2PNode.exe')" in refused(zip_of({"basicnode/P2PNode.exe": b"MZ"}))

    def test_in_other_letters_is_not_taken(self):
        assert "has no start program" in refused(zip_of({"p2pnode.EXE": b"MZ"}))
