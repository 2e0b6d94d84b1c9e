import hashlib
import stat
import threading

import pytest

from p2ppool.errors import UserError
from p2ppool.software.archive.artifact_store import PackageStore

DATA = b"the bytes of a zip" * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def artifacts(tmp_path):
    return PackageStore(tmp_path / "data")


def names(artifacts):
    return [path.name for path in artifacts.folder.iterdir()]


def test_keeps_a_zip_under_its_digest(artifacts):
    artifacts.put(DATA, DIGEST)
    assert artifacts.get(DIGEST) == artifacts.folder / f"{DIGEST}.zip"
    assert artifacts.get(DIGEST).read_bytes() == DATA


def test_takes_a_file_too(artifacts, tmp_path):
    path = tmp_path / "basicnode.zip"
    path.write_bytes(DATA)
    artifacts.put(path, DIGEST)
    assert artifacts.get(DIGEST).read_bytes() == DATA


def test_lets_only_its_owner_read(artifacts):
    artifacts.put(DATA, DIGEST)
    assert stat.S_IMODE(artifacts.get(DIGEST).stat().st_mode) == 0o600
    assert stat.S_IMODE(artifacts.folder.stat().st_mode) == 0o700


def test_the_same_zip_again_is_harmless(artifacts):
    artifacts.put(DATA, DIGEST)
    artifacts.put(DATA, DIGEST)
    assert names(artifacts) == [f"{DIGEST}.zip"]


def test_many_may_put_the_same_zip_at_once(artifacts):
    threads = [threading.Thread(target=artifacts.put, args=(DATA, DIGEST)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(artifacts) == [f"{DIGEST}.zip"]
    assert artifacts.get(DIGEST).read_bytes() == DATA


def test_a_file_that_changed_meanwhile_is_not_kept(artifacts):
    with pytest.raises(UserError, match="changed while it was being added"):
        artifacts.put(DATA + b"more", DIGEST)
    assert names(artifacts) == []


def test_a_zip_that_is_missing_is_named(artifacts):
    with pytest.raises(UserError, match=rf"{DIGEST}\.zip can't be read \(No such file or directory\): add"):
        artifacts.get(DIGEST)


def test_a_zip_that_was_changed_is_not_given_out(artifacts):
    artifacts.put(DATA, DIGEST)
    (artifacts.folder / f"{DIGEST}.zip").write_bytes(DATA[:-1])
    with pytest.raises(UserError, match="was changed since it was added"):
        artifacts.get(DIGEST)


def test_adding_again_repairs_a_changed_one(artifacts):
    artifacts.put(DATA, DIGEST)
    (artifacts.folder / f"{DIGEST}.zip").write_bytes(b"")
    artifacts.put(DATA, DIGEST)
    assert artifacts.get(DIGEST).read_bytes() == DATA


@pytest.mark.parametrize("digest", ["", "../" + "a" * 61, "A" * 64, DIGEST + "\n"])
def test_only_a_digest_names_a_zip(artifacts, digest):
    with pytest.raises(ValueError, match="not a SHA-256"):
        artifacts.get(digest)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(UserError, match=r"the package can't be kept in .*: Not a directory"):
        PackageStore(tmp_path / "data").put(DATA, DIGEST)
