"""Real processes: which are certainly gone."""

import signal
import subprocess
from pathlib import Path

import pytest

from p2ppool.actions.processes import is_gone, kill, this_process
from tests.lab.waiting import eventually


@pytest.fixture
def child():
    """A process that waits for ever."""
    child = subprocess.Popen(["sleep", "infinity"])
    yield child
    child.kill()
    child.wait()


def stat_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def name_of(child):
    """As `this_process` in it would have it."""
    boot, namespace, _, _ = this_process().split()
    return f"{boot} {namespace} {child.pid} {stat_of(child.pid)[19]}"


def changed(name, place, value):
    parts = name.split()
    parts[place] = value
    return " ".join(parts)


def test_this_process_is_there():
    assert not is_gone(this_process())


def test_one_that_runs_is_there(child):
    assert not is_gone(name_of(child))


def test_one_that_is_stopped_is_there(child):
    child.send_signal(signal.SIGSTOP)
    eventually(lambda: stat_of(child.pid)[0] == "T")
    assert not is_gone(name_of(child))


def test_one_that_was_killed_is_gone(child):
    name = name_of(child)
    child.kill()
    child.wait()
    assert is_gone(name)


def test_one_that_only_waits_to_be_buried_is_gone(child):
    name = name_of(child)
    child.kill()
    eventually(lambda: stat_of(child.pid)[0] == "Z")
    assert is_gone(name)


def test_a_pid_that_is_another_process_s_now_is_not_taken_for_it(child):
    """The same pid, but another start time."""
    assert is_gone(changed(name_of(child), 3, "1"))


def test_nothing_is_known_of_a_process_before_a_reboot_or_of_another_machine(child):
    name = changed(name_of(child), 0, "11111111-2222-3333-4444-555555555555")
    child.kill()
    child.wait()
    assert not is_gone(name)


def test_nothing_is_known_of_a_process_in_another_container(child):
    name = changed(name_of(child), 1, "1")
    child.kill()
    child.wait()
    assert not is_gone(name)


@pytest.mark.parametrize("name", ["", "somebody", "a b c d", "a b c d e"])
def test_nothing_is_known_of_what_is_no_process(name):
    assert not is_gone(name)


def test_a_name_with_a_space_and_a_bracket_hides_nobody(tmp_path):
    odd = tmp_path / "a) Z (b"
    odd.symlink_to("/bin/sleep")
    child = subprocess.Popen([odd, "infinity"])
    try:
        assert not is_gone(name_of(child))
    finally:
        child.kill()
        child.wait()


class TestKill:
    """Ending one by force."""

    def test_it_ends(self, child):
        kill(name_of(child))
        assert child.wait(30) == -signal.SIGKILL

    def test_one_that_is_gone_is_no_error(self, child):
        name = name_of(child)
        child.kill()
        child.wait()
        kill(name)

    @pytest.mark.parametrize(("place", "value"), [(0, "another-boot"), (1, "1"), (3, "1")])
    def test_nobody_else_is_hit(self, child, place, value):
        kill(changed(name_of(child), place, value))
        assert child.poll() is None
        child.terminate()  # were it killed, this would not be how it ends
        assert child.wait(30) == -signal.SIGTERM
