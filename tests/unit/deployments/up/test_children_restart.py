"""Children that end by themselves are started again, but not for ever."""

import os
import signal

import pytest

from deployments.up.children import Children
from p2ppool.errors import UserError

ENDLESS = ["-c", "import time; time.sleep(300)"]


@pytest.fixture
def children(tmp_path):
    found = Children(tmp_path / "logs", {})
    yield found
    found.stop()


def test_a_killed_child_is_started_again_and_told(children):
    child = children.start("worker", ENDLESS)
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    assert children.restart_ended() == ["worker ended by itself (killed by SIGKILL) and was restarted"]
    assert child.process.pid != first
    children.check()
    assert children.restart_ended() == []


def test_a_child_that_does_not_stay_up_is_given_up(children):
    child = children.start("worker", ["-c", "import sys; sys.exit('no luck')"])

    def restart_for_ever():
        for _ in range(10):
            child.process.wait()
            children.restart_ended()

    with pytest.raises(UserError, match=r"worker ended by itself \(exit code 1\): no luck"):
        restart_for_ever()
