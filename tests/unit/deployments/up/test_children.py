"""Children are watched, and end with whoever started them."""

import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from deployments.up.children import Child, Children
from p2ppool.errors import UserError
from tests.lab.waiting import eventually


def is_running(pid):
    """Whether the process is there and no zombie (proc(5): the state follows the name in brackets)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.fixture
def children(tmp_path):
    found = Children(tmp_path / "logs", {"GREETING": "hello"})
    yield found
    found.stop()


def test_a_child_gets_the_environment_and_writes_its_log(children):
    child = children.start(
        "greeter", ["-c", "import os, time; print(os.environ['GREETING'], flush=True); time.sleep(60)"]
    )
    children.wait_until(lambda: "hello" in child.log.read_text(), child, 20)
    children.check()


def test_a_child_that_ends_by_itself_is_named_with_its_last_line(children):
    child = children.start("failing", ["-c", "import sys; sys.exit('no luck')"])
    child.process.wait(20)
    with pytest.raises(UserError, match=r"failing ended by itself \(exit code 1\): no luck; its log is "):
        children.check()


def test_a_child_that_is_never_ready_is_named(children):
    child = children.start("slow", ["-c", "import time; time.sleep(60)"])
    with pytest.raises(UserError, match="slow is not ready"):
        children.wait_until(lambda: False, child, 0.2)


def test_stopping_ends_the_youngest_first_and_can_be_repeated(children, tmp_path):
    ends = tmp_path / "ends"
    code = textwrap.dedent(
        """
        import signal, sys, time
        def end(*_):
            open(sys.argv[1], "a").write(sys.argv[2]); sys.exit()
        signal.signal(signal.SIGTERM, end)
        print("ready", flush=True)
        time.sleep(60)
        """
    )
    for name in "ab":
        child = children.start(name, ["-c", code, str(ends), name])
        children.wait_until(lambda log=child.log: "ready" in log.read_text(), child, 20)
    children.stop()
    children.stop()
    assert ends.read_text() == "ba"


def test_a_child_ends_when_its_starter_is_killed(tmp_path):
    starter = textwrap.dedent(
        """
        import pathlib, sys, time
        from deployments.up.children import Children
        child = Children(pathlib.Path(sys.argv[1]), {}).start("c", ["-c", "import time; time.sleep(300)"])
        print(child.process.pid, flush=True)
        time.sleep(300)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", starter, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    pid = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert eventually(lambda: not is_running(pid))


def test_an_interrupt_waits_until_a_child_has_been_polled(tmp_path):
    polled = []

    class Process:
        def poll(self):
            # To this thread: a signal to the process may go to another of the test worker's threads.
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            polled.append("to the end")

    with pytest.raises(KeyboardInterrupt):
        Child("c", [], Process(), tmp_path).exit_code()
    assert polled == ["to the end"]
