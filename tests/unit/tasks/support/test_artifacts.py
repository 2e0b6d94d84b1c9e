"""Artifacts are sent beside the work, which never waits for Prefect."""

import threading

import httpx
import pytest
from prefect.logging import disable_run_logger

from tasks.support.artifacts import _Sender


@pytest.fixture
def sender():
    with disable_run_logger():
        yield _Sender()


def test_what_is_put_is_done_and_flushing_waits_for_it(sender):
    done = []
    sender.put("a", lambda: done.append("a"))
    sender.flush(20)
    assert done == ["a"]


def test_a_server_that_hangs_holds_nobody_and_only_the_latest_of_a_key_waits(sender):
    hangs, released, done = threading.Event(), threading.Event(), []

    def hang():
        hangs.set()
        released.wait(20)

    sender.put("first", hang)
    assert hangs.wait(20)
    for number in range(100):
        sender.put("progress", lambda number=number: done.append(number))
    sender.flush(0.01)
    assert done == []
    released.set()
    sender.flush(20)
    assert done == [99]


def test_what_fails_is_left_out(sender):
    done = []

    def fail():
        raise httpx.ConnectError("no server")

    sender.put("a", fail)
    sender.put("b", lambda: done.append("b"))
    sender.flush(20)
    assert done == ["b"]
