"""Exports in the data folder: listed with the pool's files, downloaded, and never too many."""

import os
import time

import pytest

from dashboards.app import create_app
from p2ppool.errors import UserError
from p2ppool.exports.kept import keep
from p2ppool.exports.tables.names import ExportKind, Format
from p2ppool.exports.wanted import wanted
from p2ppool.pools.recording.pool_files import FileKind, files_of
from p2ppool.settings import Settings
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from tests.lab.web.people import MANAGER, PageClient, cheap_passwords, sign_in
from tests.unit.exports.scene import make

__all__ = ["cheap_passwords"]


@pytest.fixture
def asked(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'p2ppool.db'}")
    upgrade(engine)
    make(engine)
    yield lambda kind: wanted(engine, kind, "odd", start=None, end=None)
    engine.dispose()


def test_the_oldest_go_and_each_of_the_others_is_one_of_the_pools_files(tmp_path, asked):
    config = Settings(data_folder=tmp_path, exports_kept=3)
    written = [
        keep([b"a,", b"b\r\n"], asked(kind), form, number, config).path.name
        for number, (kind, form) in enumerate((kind, form) for kind in ExportKind for form in Format)
    ]
    found = files_of(tmp_path, "odd")
    assert {file.name for file in found} <= set(written)
    assert [(file.kind, file.ticket, file.size) for file in found] == [(FileKind.EXPORT, None, 5)] * 3
    assert {file.path.stat().st_mode & 0o777 for file in found} == {0o600}


def test_what_was_abandoned_goes_and_what_fails_leaves_nothing(tmp_path, asked):
    config, folder = Settings(data_folder=tmp_path), tmp_path / "exports/odd"
    folder.mkdir(parents=True)
    for name, hours in (("old", 25), ("young", 1)):
        (folder / f".{name}.part").touch()
        os.utime(folder / f".{name}.part", (time.time() - hours * 3600,) * 2)

    def broken():
        yield b"a"
        raise UserError("gone")

    keep([b""], asked(ExportKind.ACTIONS), Format.CSV, 1, config)
    with pytest.raises(UserError, match="gone"):
        keep(broken(), asked(ExportKind.ACTIONS), Format.CSV, 2, config)
    assert len(files_of(tmp_path, "odd")) == 1
    assert [part.name for part in folder.glob(".*")] == [".young.part"]


def test_it_is_downloaded_as_what_it_is(tmp_path, asked, cheap_passwords):
    config = Settings(data_folder=tmp_path)
    name = keep([b"a\r\n"], asked(ExportKind.HOST_STATS), Format.CSV, 1, config).path.name
    engine = open_engine(config.store_url)
    app = create_app(engine, config)
    app.test_client_class = PageClient
    browser = app.test_client()
    sign_in(engine, browser, MANAGER)
    answer = browser.get(f"/pools/odd/files/{name}")
    assert (answer.data, answer.mimetype) == (b"a\r\n", "text/csv")
    assert name in answer.headers["Content-Disposition"]
    assert browser.get(f"/pools/odd/files/x{name}").status_code == 404
    engine.dispose()
