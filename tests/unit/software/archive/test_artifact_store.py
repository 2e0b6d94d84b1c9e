import hashlib
import stat
import threading

import pytest

from p2ppool.errors import UserError
from p2ppool.software.archive.artifact_store import PackageShelf

DATA = b"the bytes of a zip" * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def shelf(tmp_path):
    return PackageShelf(tmp_path / "data")


def names(shelf):
    return [path.name for path in shelf.folder.iterdir()]


def test_keeps_a_zip_under_its_digest(shelf):
    shelf.put(DATA, DIGEST)
    assert shelf.get(DIGEST) == shelf.folder / f"{DIGEST}.zip"
    assert shelf.get(DIGEST).read_bytes() == DATA


def test_takes_a_file_too(shelf, tmp_path):
    path = tmp_path / "basicnode.zip"
    path.write_bytes(DATA)
    shelf.put(path, DIGEST)
    assert shelf.get(DIGEST).read_bytes() == DATA


def test_lets_only_its_owner_read(shelf):
    shelf.put(DATA, DIGEST)
    assert stat.S_IMODE(shelf.get(DIGEST).stat().st_mode) == 0o600
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700


def test_the_same_zip_again_is_harmless(shelf):
    shelf.put(DATA, DIGEST)
    shelf.put(DATA, DIGEST)
    assert names(shelf) == [f"{DIGEST}.zip"]


def test_many_may_put_the_same_zip_at_once(shelf):
    threads = [threading.Thread(target=shelf.put, args=(DATA, DIGEST)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(shelf) == [f"{DIGEST}.zip"]
    assert shelf.get(DIGEST).read_bytes() == DATA


def test_a_file_that_changed_meanwhile_is_not_kept(shelf):
    with pytest.raises(UserError, match="changed while it was being added"):
        shelf.put(DATA + b"more", DIGEST)
    assert names(shelf) == []


def test_a_zip_that_is_missing_is_named(shelf):
    with pytest.raises(UserError, match=rf"{DIGEST}\.zip can't be read \(No such file or directory\): add"):
        shelf.get(DIGEST)


def test_a_zip_that_was_changed_is_not_given_out(shelf):
    shelf.put(DATA, DIGEST)
    (shelf.folder / f"{DIGEST}.zip").write_bytes(DATA[:-1])
    with pytest.raises(UserError, match="was changed since it was added"):
        shelf.get(DIGEST)


def test_adding_again_mends_a_changed_one(shelf):
    shelf.put(DATA, DIGEST)
    (shelf.folder / f"{DIGEST}.zip").write_bytes(b"")
    shelf.put(DATA, DIGEST)
    assert shelf.get(DIGEST).read_bytes() == DATA


@pytest.mark.parametrize("digest", ["", "../" + "a" * 61, "A" * 64, DIGEST + "\n"])
def test_only_a_digest_names_a_zip(shelf, digest):
    with pytest.raises(ValueError, match="not a SHA-256"):
        shelf.get(digest)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(UserError, match=r"the package can't be kept in .*: Not a directory"):
        PackageShelf(tmp_path / "data").put(DATA, DIGEST)
