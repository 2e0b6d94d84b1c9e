"""Two managers are told apart, whatever was copied from one to the other."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from p2ppool.errors import UserError
from p2ppool.store import manager_id as module
from p2ppool.store.manager_id import manager_id


@pytest.fixture(autouse=True)
def fresh():
    manager_id.cache_clear()


def test_it_stays_the_same_in_one_folder(tmp_path):
    before = manager_id(tmp_path / "data")
    manager_id.cache_clear()
    assert manager_id(tmp_path / "data") == before
    assert (tmp_path / "data/manager.id").stat().st_mode & 0o077 == 0


def test_a_copied_folder_is_another_manager(tmp_path):
    before = manager_id(tmp_path / "data")
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    assert manager_id(tmp_path / "copy") != before


def test_the_same_folder_on_another_machine_is_another_manager(tmp_path, monkeypatch):
    before = manager_id(tmp_path / "data")
    manager_id.cache_clear()
    (tmp_path / "machine-id").write_text("0123\n")
    monkeypatch.setattr(module, "_MACHINE", tmp_path / "machine-id")
    assert manager_id(tmp_path / "data") != before


def test_a_machine_may_have_no_id(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MACHINE", tmp_path / "absent")
    assert len(manager_id(tmp_path / "data")) == 32


def test_of_those_that_make_it_at_once_one_wins(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(manager_id.__wrapped__, [tmp_path / "data"] * 32))) == 1
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["manager.id"]


def test_trouble_with_its_file_is_one_line(tmp_path):
    (tmp_path / "manager.id").mkdir()
    with pytest.raises(UserError, match=r"manager.id can't be used: Is a directory"):
        manager_id(tmp_path)
