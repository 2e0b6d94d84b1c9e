"""Work in a thread of its own, while the waiting one can be interrupted as Prefect's cancel does it."""

import os
import signal
import threading

import pytest

from tasks.watched import watched


class InterruptedBySignal(BaseException):
    """As Prefect's TerminationSignal: no Exception."""


@pytest.fixture
def interruptible():
    """SIGUSR1 raises in the main thread."""

    def interrupt(*_):
        raise InterruptedBySignal

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


def nothing():
    """Neither a look nor an end."""


def test_the_result_comes_back():
    assert watched(lambda: 42, nothing, nothing) == 42


def test_an_error_of_the_work_is_raised_where_it_is_waited_for():
    def fail():
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        watched(fail, nothing, nothing)


def test_what_came_last_is_looked_at():
    seen, came = [], []

    def work():
        came.append("last")

    watched(work, lambda: seen.extend(came), nothing)
    assert seen[-1] == "last"


def test_an_interruption_ends_the_work_and_still_looks_at_what_it_left(interruptible):
    told_to_end, left, seen = threading.Event(), [], []

    def work():
        os.kill(os.getpid(), signal.SIGUSR1)
        assert told_to_end.wait(20)
        # The waiting thread must wait for this too, though it was interrupted before.
        threading.Event().wait(0.2)
        left.append("what was done")

    with pytest.raises(InterruptedBySignal):
        watched(work, lambda: seen.extend(left), told_to_end.set)
    assert seen == ["what was done"]
