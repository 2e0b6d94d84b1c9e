"""Work in a thread of its own, which ends where its watcher is interrupted or fails."""

import os
import signal
import threading

import pytest

from p2ppool.cancel import CancelToken
from tasks.support.run_with_progress import run_with_progress


class InterruptedBySignal(BaseException):
    """As what a signal handler may raise: no Exception."""


@pytest.fixture
def interruptible():
    """SIGUSR1 raises in the main thread."""

    def interrupt(*_):
        raise InterruptedBySignal

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


def nothing():
    """No look."""


def test_the_result_comes_back():
    assert run_with_progress(lambda: 42, nothing, CancelToken()) == 42


def test_an_error_of_the_work_is_raised_where_it_is_waited_for():
    def fail():
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        run_with_progress(fail, nothing, CancelToken())


def test_what_came_last_is_looked_at():
    seen, came = [], []

    def work():
        came.append("last")

    run_with_progress(work, lambda: seen.extend(came), CancelToken())
    assert seen[-1] == "last"


def test_an_error_while_looking_cancels_the_work_and_waits_for_it():
    cancel, done = CancelToken(), []

    def work():
        cancelled = threading.Event()
        cancel.on_cancel(cancelled.set)
        assert cancelled.wait(20)
        done.append("cleaned up")

    def look():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_with_progress(work, look, cancel)
    assert done == ["cleaned up"]
    assert "ZeroDivisionError" in cancel.reason


def test_an_interruption_cancels_the_work_and_waits_for_what_it_leaves(interruptible):
    cancel, left = CancelToken(), []

    def work():
        cancelled = threading.Event()
        cancel.on_cancel(cancelled.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        assert cancelled.wait(20)
        # The waiting thread must wait for this too, though it was interrupted before.
        threading.Event().wait(0.2)
        left.append("what was done")

    with pytest.raises(InterruptedBySignal):
        run_with_progress(work, nothing, cancel)
    assert left == ["what was done"]
