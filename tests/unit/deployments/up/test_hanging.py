"""Children that run but do not answer are noticed, killed and started again."""

import os
import signal

import pytest

from deployments.dispatcher.heartbeat import Heartbeat, HeartbeatReader
from deployments.up.children import Children
from deployments.up.hanging import Answers
from p2ppool.settings import Settings
from tests.lab.waiting import eventually

LIMIT = 10.0
NEVER = 1e9  # seconds: the thread that asks stays out of the way


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def answers(clock):
    found = Answers(lambda: True, LIMIT, NEVER, lambda: clock[0])
    yield found
    found.stop()


def ask(answers, clock, times, *, answered):
    for _ in range(times):
        clock[0] += 3.0
        answers.note(answered=answered)


def test_who_answers_does_not_hang(answers, clock):
    ask(answers, clock, 100, answered=True)
    assert answers.seconds_missing() is None


def test_who_has_not_answered_for_longer_than_the_limit_hangs(answers, clock):
    ask(answers, clock, 1, answered=True)
    ask(answers, clock, 3, answered=False)
    assert answers.seconds_missing() is None
    ask(answers, clock, 1, answered=False)
    assert answers.seconds_missing() == 12.0
    ask(answers, clock, 1, answered=True)
    assert answers.seconds_missing() is None


def test_a_pause_of_the_watcher_itself_proves_nothing(answers, clock):
    ask(answers, clock, 1, answered=True)
    clock[0] += 1000
    ask(answers, clock, 3, answered=False)
    assert answers.seconds_missing() is None


def test_a_start_may_take_ten_times_as_long(answers, clock):
    ask(answers, clock, 30, answered=False)
    assert answers.seconds_missing() is None
    ask(answers, clock, 4, answered=False)
    assert answers.seconds_missing() == 102.0
    answers.start_over()
    assert answers.seconds_missing() is None


def test_a_stopped_child_is_killed_and_started_again(tmp_path):
    file = tmp_path / "heartbeat"
    code = (
        "import pathlib, time\nwhile True:\n"
        f"    pathlib.Path({str(file)!r}).write_text(str(time.time_ns()))\n    time.sleep(0.01)"
    )
    last = [""]

    def moved():
        before, last[0] = last[0], file.read_text() if file.exists() else ""
        return last[0] != before

    children = Children(tmp_path / "logs", {})
    child = children.start("worker", ["-c", code], Answers(moved, 0.5, 0.05))
    try:
        eventually(lambda: file.exists() and child.answers._heard)
        first = child.process.pid
        os.kill(first, signal.SIGSTOP)
        (line,) = eventually(children.restart_ended)
        assert "worker did not answer for" in line
        assert "and was restarted" in line
        assert child.process.pid != first
    finally:
        children.stop()


def test_the_dispatchers_file_moves_with_each_round(tmp_path):
    config = Settings(data_folder=tmp_path)
    reader = HeartbeatReader(config)
    assert not reader.moved()
    heartbeat = Heartbeat(config)
    assert reader.moved()
    assert not reader.moved()
    heartbeat.write()
    assert reader.moved()
