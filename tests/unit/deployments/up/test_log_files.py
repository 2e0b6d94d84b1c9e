"""Logs of the services stay small, whatever is written to them."""

import pytest

from deployments.up.children import Children
from deployments.up.log_files import LogFiles
from tests.lab.waiting import eventually

LARGEST = 64 * 1024
FLOOD = """
import sys, time
line = "nonsense " * 100
for number in range(100_000):
    print(number, line, flush=True)
    time.sleep(0.0005)
"""


@pytest.fixture
def children(tmp_path):
    found = Children(tmp_path / "logs", {}, largest_log=LARGEST, logs_kept=2)
    yield found
    found.stop()


def test_a_flood_is_put_aside_under_its_date_and_the_oldest_goes(children, tmp_path):
    children.start("pages", ["-c", FLOOD])
    files = LogFiles(tmp_path / "logs", LARGEST, 2)
    first = eventually(lambda: children.restart_ended() or files.earlier("pages"))[0]
    eventually(lambda: children.restart_ended() or not first.exists())
    assert len(files.earlier("pages")) <= 2
    assert first.name.startswith("pages.20")


def test_no_line_is_torn_and_the_service_goes_on_writing(children, tmp_path):
    children.start("pages", ["-c", FLOOD])
    files = LogFiles(tmp_path / "logs", LARGEST, 2)
    eventually(lambda: children.restart_ended() or files.earlier("pages"))
    log = files.path("pages")
    eventually(lambda: log.stat().st_size > 10_000)
    assert not log.read_bytes().startswith(b"\x00")


def test_a_small_log_stays(tmp_path):
    files = LogFiles(tmp_path, LARGEST, 2)
    files.path("pages").write_text("one line\n")
    assert not files.put_aside("pages")
    assert not files.put_aside("missing")
    assert files.earlier("pages") == []


def test_other_services_logs_are_not_taken_for_earlier_ones(tmp_path):
    files = LogFiles(tmp_path, 1, 1)
    for name in ("pages", "pages-2", "flows"):
        files.path(name).write_text(name)
        assert files.put_aside(name)
    assert [path.read_text() for path in files.earlier("pages")] == ["pages"]
