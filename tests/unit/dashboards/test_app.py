"""One server: its documents, its health, and what it keeps to itself."""

import json

from sqlalchemy import text

from dashboards.app import create_app
from p2ppool.settings import Settings
from p2ppool.store.engine import open_engine
from p2ppool.store.schema import upgrade
from tests.lab.past.history import a_bare_pool, a_pool
from tests.lab.web.people import MANAGER, PageClient, sign_in


def test_pages_that_are_there(engine, browser):
    a_bare_pool(engine, "demo")
    assert browser.get("/").status_code == 200
    assert browser.get("/pools/demo").status_code == 200


def test_pages_that_are_not(browser):
    for path in ("/pools/demo", "/pools/", "/pools/a/b", "/pools/%00", "/elsewhere", "/pools/%3Cscript%3E"):
        assert browser.get(path).status_code == 404, path


def test_healthy_when_the_database_answers(browser):
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_not_healthy_when_it_does_not(engine, browser, tmp_path, monkeypatch):
    engine.dispose()
    (tmp_path / "pages.db").unlink()
    (tmp_path / "pages.db").mkdir()
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")


def test_no_document_holds_data(engine, browser):
    """A visitor's browser gets data by asking for a page's parts, never with every document."""
    a_pool(engine, "secret-pool", nodes=3)
    for path in ("/", "/nowhere", "/_dash-layout", "/_dash-dependencies"):
        assert "secret-pool" not in browser.get(path).text, path


def test_documents_name_no_other_host(browser):
    document = browser.get("/").text
    # Dash's own configuration names where its developers' tools would ask for news; they are off.
    config = document[document.index('<script id="_dash-config"') :].split("</script>")[0]
    assert json.loads(config.split(">", 1)[1])["ui"] is False
    assert "//" not in document.replace(config, "").replace("</script>", "").replace("<!--", "")


def test_two_servers_in_one_process_each_show_their_own(engine, browser, tmp_path):
    a_bare_pool(engine, "mine")
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(other)
    a_bare_pool(other, "yours")
    second_app = create_app(other, Settings(data_folder=tmp_path / "other"))
    second_app.test_client_class = PageClient
    second = second_app.test_client()
    sign_in(other, second, MANAGER)
    assert [browser.get(f"/pools/{name}").status_code for name in ("mine", "yours")] == [200, 404]
    assert [second.get(f"/pools/{name}").status_code for name in ("mine", "yours")] == [404, 200]
    with other.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pools")).scalar_one() == 1
    other.dispose()
