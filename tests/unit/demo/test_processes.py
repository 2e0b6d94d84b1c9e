import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from p2ppool.demo.processes import MARKER, end_all, processes_left

pytestmark = pytest.mark.slow

IGNORES_SIGINT = (
    "import signal, time; signal.signal(2, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
LEAVES_CLEANLY = (
    "import time\n"
    "try: print('up', flush=True); time.sleep(600)\n"
    "except KeyboardInterrupt: print('left cleanly')"
)


@pytest.fixture
def token():
    token = secrets.token_hex(8)
    yield token
    end_all(token, grace=0)


@contextmanager
def started(token, script, **options):
    environment = {**os.environ, MARKER: token}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True, **options
    ) as process:
        assert process.stdout.readline() == "up\n"
        yield process


def test_a_process_is_found_by_the_marker_in_its_environment(token):
    with started(token, LEAVES_CLEANLY) as process:
        assert processes_left(token) == [process.pid]
        assert processes_left(token[:-1]) == []
        end_all(token)


def test_children_in_a_session_of_their_own_are_found_too(token):
    script = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {LEAVES_CLEANLY!r}], start_new_session=True)"
    )
    with started(token, script):
        assert len(processes_left(token)) == 2
        end_all(token)


def test_the_dead_are_not_counted_before_their_parent_buries_them(token):
    with started(token, LEAVES_CLEANLY) as process:
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert processes_left(token) == []


def test_nodes_may_leave_cleanly(token):
    with started(token, LEAVES_CLEANLY) as process:
        assert end_all(token) == 0
        assert process.stdout.read() == "left cleanly\n"


def test_what_ignores_the_request_is_killed(token):
    with started(token, IGNORES_SIGINT) as process:
        assert end_all(token, grace=0.2) == 1
        assert process.wait(10) == -signal.SIGKILL
    assert processes_left(token) == []


def test_other_processes_are_let_be(token):
    with started(secrets.token_hex(8), LEAVES_CLEANLY) as other:
        assert end_all(token) == 0
        assert other.poll() is None
        other.kill()
