"""Floppy images that others take for floppies: their own tools say so."""

import subprocess
from datetime import UTC, datetime, timedelta, timezone

import pytest

from p2ppool.appliance.floppy import CAPACITY, SIZE, floppy_image
from p2ppool.errors import UserError

MOMENT = datetime(2026, 3, 1, 12, 30, 14, tzinfo=UTC)
FILES = {"groupvpn.zip": b"PK" * 20_000, "group_appliance.config": b"MACHINE_TYPE=Server\n"}


@pytest.fixture
def written(tmp_path):
    """Writes files into an image, has it checked, and gives its path."""

    def write(files):
        place = tmp_path / "floppy.img"
        place.write_bytes(floppy_image(files, MOMENT))
        checked = subprocess.run(
            ["fsck.fat", "-n", place],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin"},
        )
        assert checked.returncode == 0, checked.stdout
        assert "Dirty" not in checked.stdout
        return place

    return write


def read_back(place, name):
    return subprocess.run(["mtype", "-i", place, f"::{name}"], capture_output=True, check=True).stdout


def test_other_tools_read_every_file_back(written):
    place = written(FILES)
    assert {name: read_back(place, name) for name in FILES} == FILES


def test_it_is_a_floppy_of_1_44_megabytes(written):
    place = written(FILES)
    assert place.stat().st_size == SIZE == 1440 * 1024
    told = subprocess.run(["minfo", "-i", place, "::"], capture_output=True, text=True, check=True).stdout
    assert {"sectors per track: 18", "heads: 2", "cylinders: 80", "media byte: f0"} <= set(told.splitlines())


def test_a_full_disk_is_whole_and_one_byte_more_is_refused(written):
    full = {"a": b"x", "b": bytes(range(256)) * ((CAPACITY - 512) // 256)}
    assert read_back(written(full), "b") == full["b"]
    with pytest.raises(UserError, match=f"holds {CAPACITY} bytes .* take {CAPACITY + 512}"):
        floppy_image(full | {"c": b"x"})


def test_the_bytes_depend_on_files_and_moment_only():
    image = floppy_image(FILES, MOMENT)
    assert floppy_image(FILES, MOMENT.astimezone(timezone(timedelta(hours=2)))) == image
    assert floppy_image(FILES, MOMENT + timedelta(hours=1)) != image


def test_files_have_the_moment(written):
    listed = subprocess.run(
        ["mdir", "-i", written(FILES), "::"], capture_output=True, text=True, check=True
    ).stdout
    assert listed.count("2026-03-01  12:30") == len(FILES)


def test_two_files_with_one_name_are_a_mistake():
    with pytest.raises(ValueError, match="two files"):
        floppy_image({"A": b"", "a": b""})


def test_an_empty_file_is_one(written):
    assert read_back(written({"empty": b""}), "empty") == b""
