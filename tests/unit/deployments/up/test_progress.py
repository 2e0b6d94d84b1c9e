"""A slow start is waited for as long as something is done."""

import os
import signal
import subprocess
import sys

import pytest

from deployments.up import progress
from deployments.up.progress import Patience, processor_seconds
from tests.lab.waiting import eventually


@pytest.fixture
def used(monkeypatch):
    """The seconds of processor time that the child seems to have used."""
    used = [0.0]
    monkeypatch.setattr(progress, "processor_seconds", lambda _: used[0])
    return used


@pytest.fixture
def clock(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    return clock


def test_patience_ends_where_nothing_is_done(used, clock):
    patience = Patience(1, 60.0)
    clock[0] = 59.0
    assert not patience.is_over()
    clock[0] = 61.0
    assert patience.is_over()


def test_patience_lasts_as_long_as_something_is_done_but_not_for_ever(used, clock):
    patience = Patience(1, 60.0)
    for _ in range(19):
        clock[0] += 30.0
        used[0] += 1.0
        assert not patience.is_over()
    clock[0] += 31.0
    used[0] += 1.0
    assert patience.is_over()


def test_what_descendants_use_counts(tmp_path):
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    busy = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        eventually(lambda: processor_seconds(busy.pid) > 0.5)
    finally:
        os.killpg(busy.pid, signal.SIGKILL)
        busy.wait()
