"""Log lines a part at a time; tests/e2e has a real Prefect server."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from p2ppool.prefect_client import run_logs
from p2ppool.prefect_client.run_logs import RunLog

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Logs:
    """As the server keeps and filters them."""

    def __init__(self):
        self.rows = []

    def add(self, seconds, text, level=20):
        at = BEGAN + timedelta(seconds=seconds)
        row = {"id": str(len(self.rows)), "timestamp": at.isoformat(), "level": level, "message": text}
        self.rows.append(row)

    def call(self, _method, path, body):
        assert path == "/logs/filter"
        assert body["logs"]["flow_run_id"] == {"any_": ["run"]}
        after = datetime.fromisoformat(body["logs"].get("timestamp", {}).get("after_", BEGAN.isoformat()))
        found = [
            row
            for row in self.rows
            if row["level"] >= body["logs"]["level"]["ge_"]
            and datetime.fromisoformat(row["timestamp"]) >= after
        ]
        found.sort(key=lambda row: row["timestamp"], reverse=body["sort"] == "TIMESTAMP_DESC")
        return found[body["offset"] :][: body["limit"]]


def texts(log, after=0):
    return [line.text for _, line in log.after(after)]


def test_first_what_there_is_then_what_comes():
    logs, log = Logs(), RunLog("run")
    log.update(logs)
    assert (texts(log), log.cut) == ([], False)
    logs.add(1, "b")
    logs.add(0, "a")
    log.update(logs)
    assert texts(log) == ["a", "b"]
    logs.add(2, "c")
    log.update(logs)
    assert [(number, line.text) for number, line in log.after(2)] == [(3, "c")]


def test_a_line_that_comes_late_is_not_missed_and_none_comes_twice():
    logs, log = Logs(), RunLog("run")
    logs.add(10, "later")
    log.update(logs)
    logs.add(9, "earlier")
    log.update(logs)
    log.update(logs)
    assert texts(log) == ["later", "earlier"]


def test_a_level_and_a_line_without_end():
    logs, log = Logs(), RunLog("run", 30)
    logs.add(0, "quiet")
    logs.add(1, "x" * 9000, level=30)
    log.update(logs)
    assert [(line.level, len(line.text)) for _, line in log.after(0)] == [(30, 2000)]


def test_of_a_long_log_the_end(monkeypatch):
    monkeypatch.setattr(run_logs, "PAGE", 10)
    logs, log = Logs(), RunLog("run")
    for number in range(100):
        logs.add(number, str(number))
    log.update(logs)
    assert (texts(log), log.cut) == ([str(number) for number in range(50, 100)], True)


def test_a_flood_within_a_moment_does_not_hold_up_what_comes_later(monkeypatch):
    monkeypatch.setattr(run_logs, "PAGE", 10)
    logs, log = Logs(), RunLog("run")
    logs.add(0, "first")
    log.update(logs)
    for number in range(200):
        logs.add(1, str(number))
    logs.add(2, "last")
    for _ in range(3):
        log.update(logs)
    assert "last" in texts(log)


def test_no_more_than_a_bounded_number_is_kept(monkeypatch):
    monkeypatch.setattr(run_logs, "_KEPT", 20)
    logs, log = Logs(), RunLog("run")
    for start in range(0, 100, 10):
        for number in range(start, start + 10):
            logs.add(number, str(number))
        log.update(logs)
    assert (texts(log), log.cut) == ([str(number) for number in range(80, 100)], True)
    assert log.after(99)[0][0] == 100


@given(st.lists(st.tuples(st.floats(-4, 4), st.booleans())))
def test_every_line_is_met_once_however_they_come(steps):
    """Lines come in some disorder, looks at any time."""
    logs, log, seen = Logs(), RunLog("run"), []
    for second, (disorder, looks) in enumerate(steps):
        logs.add(10 + second + disorder / 2, str(second))
        if looks:
            log.update(logs)
            seen += texts(log, len(seen))
    log.update(logs)
    seen += texts(log, len(seen))
    assert sorted(seen) == sorted(row["message"] for row in logs.rows)
