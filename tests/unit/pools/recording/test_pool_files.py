"""The files of a pool in the data folder, and nothing else that lies there."""

from datetime import UTC, datetime

import pytest

from p2ppool.errors import UserError
from p2ppool.pools.recording.pool_files import FileKind, file_name, files_of, folder_of, opened

NAME = "logs-20261125T170000Z-12.zip"


@pytest.fixture
def folder(tmp_path):
    folder = folder_of(tmp_path, "demo", FileKind.LOGS)
    folder.mkdir(parents=True)
    return folder


def names(tmp_path):
    return [file.name for file in files_of(tmp_path, "demo")]


def test_the_newest_comes_first_with_what_its_name_says(tmp_path, folder):
    archives = folder_of(tmp_path, "demo", FileKind.ARCHIVE)
    archives.mkdir(parents=True)
    moment = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
    for number, (kind, where) in enumerate(
        [(FileKind.LOGS, folder), (FileKind.RESULTS, folder), (FileKind.ARCHIVE, archives)]
    ):
        (where / file_name(kind, moment, number)).write_bytes(b"x" * number)
    found = files_of(tmp_path, "demo")
    assert [(file.kind, file.ticket, file.size, file.made_at) for file in found] == [
        (FileKind.ARCHIVE, 2, 2, moment),
        (FileKind.RESULTS, 1, 1, moment),
        (FileKind.LOGS, 0, 0, moment),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        ".gathering-x",
        f".{NAME}",
        f"{NAME}.part",
        f"{NAME}\n",
        NAME.upper(),
        "logs-20261399T170000Z-12.zip",
        "logs-20261125T170000Z-.zip",
        "logs-20261125T170000Z-٣.zip",
        "others-20261125T170000Z-12.zip",
    ],
)
def test_what_is_named_otherwise_is_none_of_them(tmp_path, folder, name):
    (folder / name).touch()
    assert names(tmp_path) == []


def test_links_and_folders_are_none_of_them(tmp_path, folder):
    (tmp_path / "secret").write_text("secret")
    (folder / NAME).symlink_to(tmp_path / "secret")
    (folder / NAME.replace("12", "13")).mkdir()
    assert names(tmp_path) == []
    with pytest.raises(UserError, match="no such file"), opened(tmp_path, "demo", NAME):
        pass


@pytest.mark.parametrize("pool", ["", ".", "..", "a/b", "../demo", "demo\n", "x" * 33])
def test_a_name_that_no_pool_can_have_leads_nowhere(tmp_path, folder, pool):
    (folder / NAME).touch()
    assert files_of(tmp_path, pool) == []
    with pytest.raises(UserError):
        folder_of(tmp_path, pool, FileKind.LOGS)


def test_a_file_is_read_by_its_name(tmp_path, folder):
    (folder / NAME).write_bytes(b"zip")
    with opened(tmp_path, "demo", NAME) as (file, stream):
        assert (file.name, stream.read()) == (NAME, b"zip")
