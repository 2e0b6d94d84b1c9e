"""Entries also go where nobody who writes into the database can change them."""

import json
import logging
import syslog

import pytest

from p2ppool.records import audit
from p2ppool.records.audit import Subject
from p2ppool.settings import settings
from p2ppool.store.unit_of_work import UnitOfWork


@pytest.fixture
def sink(data_folder, monkeypatch):
    def choose(where):
        monkeypatch.setenv("P2PPOOL_AUDIT_SINK", str(where))
        settings.cache_clear()

    return choose


def test_a_file_gets_a_line_of_json_for_each(note, sink, tmp_path):
    sink(tmp_path / "audit.jsonl")
    note("one", "two", details={"text": "line\nend"})
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["number"], line["what"]) for line in lines] == [(1, "one"), (2, "two")]
    assert lines[0]["details"] == {"text": "line\nend"}
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_what_is_rolled_back_gets_nowhere(engine, sink, tmp_path):
    sink(tmp_path / "audit.jsonl")
    with UnitOfWork(engine) as work:
        audit.note(work.session, Subject.user("ada"), "test", "never")
        work.session.flush()
    assert not (tmp_path / "audit.jsonl").exists()


def test_syslog(note, sink, monkeypatch):
    sent = []
    monkeypatch.setattr(syslog, "syslog", lambda *given: sent.append(given))
    sink("syslog")
    note("one")
    ((priority, line),) = sent
    assert priority == syslog.LOG_AUTHPRIV | syslog.LOG_NOTICE
    assert json.loads(line.removeprefix("p2ppool audit: "))["what"] == "one"


def test_a_sink_that_fails_stops_nobody(note, sink, tmp_path, caplog):
    sink(tmp_path / "missing" / "audit.jsonl")
    with caplog.at_level(logging.WARNING):
        note("one")
    assert "the audit's sink gets nothing" in caplog.text
