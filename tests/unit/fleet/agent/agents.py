"""Agents as processes, to be looked at and disturbed while they work."""

import os
import signal
import subprocess
from contextlib import contextmanager, suppress

import pytest

from p2ppool.fleet.agent import verbs
from tests.unit.fleet.processes import children_of


def changed(call, *changes):
    """The call of an agent with parts of its script replaced: (old, new), each old one there just once."""
    for old, new in changes:
        assert call.count(old.encode()) == 1, old
        call = call.replace(old.encode(), new.encode())
    return call


def paused(call, line):
    """The call of an agent that says so and waits when it comes to that line of its script."""
    return changed(call, (line, f"say paused; sleep 1000\n{line}"))


@contextmanager
def agent_process(script, **variables):
    """An agent that reads `script`; its input stays open, as a manager holds it. It is ended in the end.

    The variables are in the environment of it and of all that it starts.
    """
    with subprocess.Popen(
        ["sh", "-c", verbs.SHELL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, **variables},
    ) as process:
        try:
            process.stdin.write(script)
            process.stdin.flush()
            yield process
            process.stdin.close()
        finally:
            end_sessions(children_of(process.pid))


def end_sessions(pids):
    """Kill those processes that are at the head of a group of their own, with the group."""
    for pid in pids:
        with suppress(ProcessLookupError):
            if os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)


def wait_for_line(process, start):
    for line in process.stdout:
        if line.startswith(start):
            return
    pytest.fail(f"the agent never said {start}")
