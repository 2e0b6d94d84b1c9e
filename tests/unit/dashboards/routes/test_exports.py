"""The address of exports: what scripts get and are told, and that a broken stream never looks whole."""

import http.client
import threading
from contextlib import contextmanager

import pytest
from waitress.server import create_server
from waitress.wasyncore import close_all

from dashboards.routes import exports
from p2ppool.accounts import tokens, users
from p2ppool.errors import UserError
from p2ppool.exports.stream import blocks
from p2ppool.exports.tables.names import Format
from p2ppool.exports.wanted import wanted
from p2ppool.store.unit_of_work import UnitOfWork
from tests.lab.web.people import MANAGER, a_user
from tests.unit.exports.scene import make

MARCH = "pool=odd&from=2026-03-01&to=2026-04-01"


@pytest.fixture(autouse=True)
def odd(engine):
    return make(engine)


@pytest.fixture
def token(engine):
    """Headers of a script whose token has the scope."""
    a_user(engine, MANAGER)
    with UnitOfWork(engine) as work:
        _, text = tokens.create(work.session, users.get(work.session, MANAGER), "t", ["export"], "test")
        work.commit()
    return {"Authorization": f"Bearer {text}"}


@contextmanager
def served(app):
    server = create_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=30)
    try:
        yield connection
    finally:
        connection.close()
        server.trigger.pull_trigger(lambda: close_all(server._map, ignore_all=True))  # then its loop ends
        thread.join(30)
        server.task_dispatcher.shutdown()


def test_a_script_gets_the_bytes_of_the_command_line(engine, browser):
    answer = browser.get(f"/export/node-stats.csv?{MARCH}&columns=node,seconds")
    asked = wanted(
        engine, "node-stats", "odd", start="2026-03-01", end="2026-04-01", columns=["node", "seconds"]
    )
    assert answer.status_code == 200
    assert answer.data == b"".join(blocks(engine, asked, Format.CSV))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="odd-node-stats-from-20260301T0000Z-to-20260401T0000Z.csv"'
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Content-Length" not in answer.headers
    parquet = browser.get(f"/export/actions.parquet?{MARCH}")
    assert (parquet.data[:4], parquet.data[-4:]) == (b"PAR1", b"PAR1")
    assert browser.head(f"/export/actions.parquet?{MARCH}").status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/export/secrets.csv?pool=odd", 404, "there is node-stats"),
        ("/export/node-stats?pool=odd", 404, "no kind of export is named"),
        ("/export/node-stats.xlsx?pool=odd", 404, "there is csv, parquet"),
        ("/export/node-stats.csv", 404, "no pool is named ''"),
        ("/export/node-stats.csv?pool=%3Cb%3E%0Aodd", 404, "no pool is named '<b> odd'"),
        ("/export/node-stats.csv?pool=odd&columns=x", 400, "no column 'x'"),
        ("/export/node-stats.csv?pool=odd&from=soon", 400, "is not a time"),
    ],
)
def test_a_mistake_is_one_line_of_plain_text(browser, address, status, said):
    answer = browser.get(address)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert said in answer.text
    assert answer.text.count("\n") == 1


def test_rows_are_on_their_way_before_the_last_is_read(app, token, monkeypatch):
    told = threading.Event()

    def slow(*_):
        yield b"first\r\n"
        assert told.wait(30)
        yield b"last\r\n"

    monkeypatch.setattr(exports, "blocks", slow)
    with served(app) as connection:
        connection.request("GET", f"/export/actions.csv?{MARCH}", headers=token)
        answer = connection.getresponse()
        assert answer.readline() == b"first\r\n"
        told.set()
        assert answer.read() == b"last\r\n"


def test_a_stream_that_breaks_does_not_look_whole(app, token, monkeypatch, caplog):
    def broken(*_):
        yield b"a" * 100_000
        raise UserError("the database is gone")

    monkeypatch.setattr(exports, "blocks", broken)
    with served(app) as connection:
        connection.request("GET", f"/export/actions.csv?{MARCH}", headers=token)
        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()


def test_only_some_at_a_time_and_who_leaves_makes_room(app, browser, monkeypatch):
    monkeypatch.setattr(exports, "_free", threading.BoundedSemaphore(1))
    first = browser.get(f"/export/actions.csv?{MARCH}", buffered=False)
    next(first.iter_encoded())
    second = browser.get(f"/export/actions.csv?{MARCH}")
    assert (second.status_code, second.headers["Retry-After"]) == (503, "5")
    first.close()
    for pool, status in (("odd", 200), ("nobody", 404), ("odd", 200)):
        assert browser.get(f"/export/actions.csv?pool={pool}", buffered=True).status_code == status
