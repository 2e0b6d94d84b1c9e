"""The pool's files on its page, and their download."""

import pytest
from dash import no_update

from dashboards.app import create_app
from dashboards.pages.pool import files
from p2ppool.settings import Settings
from p2ppool.store.vault import new_key
from tests.lab.past.history import a_bare_pool
from tests.unit.dashboards.trees import hrefs, texts

NAME = "logs-20261125T170000Z-12.zip"
CONTENT = b"PK" + bytes(1_000_000)


@pytest.fixture
def folder(tmp_path):
    """Where the files of pool "demo" are; one is there, and around it what nobody may have."""
    folder = tmp_path / "data/gathered/demo"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)
    (tmp_path / "data/vault.key").write_text("secret")
    (folder / "notes.txt").write_text("secret")
    (folder / "logs-20261125T170000Z-13.zip").symlink_to(tmp_path / "data/vault.key")
    (tmp_path / "data/gathered/linked").symlink_to(folder)
    (tmp_path / f"data/gathered/{NAME}").write_text("secret")
    return folder


@pytest.fixture
def app(engine, tmp_path, cheap_passwords):
    a_bare_pool(engine)
    return create_app(engine, Settings(data_folder=tmp_path / "data", vault_key=new_key()))


def test_a_file_comes_whole_and_as_a_download(browser, folder):
    answer = browser.get(f"/pools/demo/files/{NAME}")
    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{NAME}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert browser.head(f"/pools/demo/files/{NAME}").headers["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    "path",
    [
        "demo/files/logs-20261125T170000Z-13.zip",  # a link
        "demo/files/notes.txt",
        "demo/files/nothing.zip",
        "demo/files/../../vault.key",
        "demo/files/..%2f..%2fvault.key",
        "demo/files/%2e%2e%2f%2e%2e%2fvault.key",
        f"demo/files/.%2f{NAME}",
        f"demo/files/{NAME}%00",
        f"demo/files/{NAME}%0a",
        f"linked/files/{NAME}",  # a folder that is a link
        f"../files/{NAME}",
        f"%2e%2e%2fgathered%2fdemo/files/{NAME}",
        f"%2e/files/{NAME}",
        f"other/files/{NAME}",
    ],
)
def test_nothing_else_comes(browser, folder, path):
    answer = browser.get(f"/pools/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.data
    assert b"PK\x03\x04" not in answer.data  # how a zip begins


def test_the_page_lists_them_and_says_what_to_do_where_there_is_none(folder, request_context):
    listed, mark = files._fill("", "demo", None)
    assert hrefs(listed) == [f"/pools/demo/files/{NAME}"]
    assert "976.6 KiB" in texts(listed)
    assert files._fill("", "demo", mark) == (no_update, no_update)
    (folder / NAME).unlink()
    assert "p2ppool pool gather-logs demo" in texts(files._fill("", "demo", mark)[0])


def test_of_many_files_the_newest_show(folder, request_context):
    for number in range(20, 50):
        (folder / f"results-20261126T1700{number}Z-{number}.zip").touch()
    listed, _ = files._fill("", "demo", None)
    assert hrefs(listed)[0] == "/pools/demo/files/results-20261126T170049Z-49.zip"
    assert len(hrefs(listed)) == 20
    assert "11 older ones: " in texts(listed)
