"""What the manager makes of what a host says, and what the agent does when nobody listens any more."""

import os
import signal
import uuid
from contextlib import contextmanager

import pytest

from p2ppool.errors import UserError
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport.session import LINE_LIMIT, OUTPUT_LIMIT, bounded_lines
from tests.lab.waiting import eventually
from tests.unit.fleet.agent.agents import agent_process, wait_for_line
from tests.unit.fleet.bundles import POOL, folder_request, install_request
from tests.unit.fleet.processes import children_of, exists, runs, with_variables

pytestmark = pytest.mark.slow


class Scripted:
    """A host that says what it was told to say."""

    def __init__(self, *lines, status=0, breaks=None):
        self.limits = FleetLimits()
        self.step = ""
        self.sent = b""
        self._said = [*lines]
        self._status = status
        self._breaks = breaks

    @contextmanager
    def session(self, command):
        yield self

    def send(self, data):
        if self.sent and self._breaks:
            raise self._breaks
        self.sent += bytes(data)

    def lines(self, limit=OUTPUT_LIMIT):
        return iter(self._said)

    def exit_status(self):
        return self._status


def outcome_of(host, verb=verbs.check, request=None):
    with pytest.raises(HostFault) as raised:
        verb(host, request or folder_request("p2p"))
    return raised.value


def test_noise_around_the_answers_is_passed_over():
    host = Scripted(
        "Welcome!", "", "@p2ppool fact a b c", "mail: 1 new", "@p2ppool step remove", "@p2ppool done"
    )
    assert verbs.check(host, folder_request("p2p")) == {"a": "b c"}
    assert host.step == "remove"


def test_an_error_carries_what_was_learnt_before():
    fault = outcome_of(Scripted("@p2ppool fact upload yes", "@p2ppool error disk_full no space"))
    assert (fault.kind, fault.facts) == (ErrorKind.DISK_FULL, {"upload": "yes"})


@pytest.mark.parametrize(
    ("lines", "status", "kind", "words"),
    [
        ([], 0, ErrorKind.PROTOCOL, "exit status 0"),
        (["This account is not available."], 1, ErrorKind.PROTOCOL, "This account is not available."),
        (["sh: 1: setsid: not found"], 127, ErrorKind.MISSING_TOOL, "setsid"),
        (["@p2ppool fact a b"], -1, ErrorKind.CONNECTION_LOST, "in the middle"),
        (["Killed"], 137, ErrorKind.CONNECTION_LOST, "a newer action"),
        (["@p2ppool dance"], 0, ErrorKind.PROTOCOL, "dance"),
        (["@p2ppool error cancelled trick"], 0, ErrorKind.PROTOCOL, "trick"),
        (["@p2ppool error \x1b[2J x"], 0, ErrorKind.PROTOCOL, "[2J"),
        ([f"@p2ppool fact f{number} x" for number in range(1000)], 0, ErrorKind.PROTOCOL, "too many facts"),
    ],
)
def test_an_answer_that_makes_no_sense_is_reported(lines, status, kind, words):
    fault = outcome_of(Scripted(*lines, status=status))
    assert fault.kind is kind
    assert words in str(fault)


def test_a_broken_upload_is_reported_as_what_the_host_said_of_it():
    broken = HostFault(ErrorKind.CONNECTION_LOST, "while sending")
    said = Scripted("@p2ppool need", "@p2ppool error disk_full no space left", breaks=broken)
    assert outcome_of(said, verbs.install, install_request("p2p")).kind is ErrorKind.DISK_FULL
    silent = Scripted("@p2ppool need", breaks=broken)
    assert outcome_of(silent, verbs.install, install_request("p2p")) is broken


def test_facts_are_bounded():
    host = Scripted("@p2ppool fact a " + "x" * 4000, "@p2ppool done")
    assert len(verbs.check(host, folder_request("p2p"))["a"]) == 300


def test_lines_are_put_together_cut_and_bounded():
    chunks = iter([b"on", b"e\ntw", b"o\n" + b"x" * 3 * LINE_LIMIT, b"\nend", b""])
    assert [*bounded_lines(lambda: next(chunks))] == ["one", "two", "x" * LINE_LIMIT, "end"]
    with pytest.raises(HostFault, match="bytes of output"):
        assert len([*bounded_lines(lambda: b"x" * (OUTPUT_LIMIT // 3))]) == 0


@pytest.mark.parametrize("pool", ["", "a b", "../x", "-x", "x" * 65, "a\n"])
def test_a_pool_id_is_a_plain_word(pool):
    with pytest.raises(ValueError, match="pool id"):
        folder_request("p2p", pool=pool)


def test_a_request_checks_its_install_path():
    with pytest.raises(UserError):
        folder_request("/tmp/../etc")


def test_a_request_does_not_print_its_bundle():
    assert "bundle" not in repr(install_request("p2p"))


def test_any_posix_shell_will_do(shell, host, node, base):
    for start in ("exec sleep 1000", "exec sleep 1001"):
        pid = verbs.install(host, install_request(base, start))["pid"]
        assert node() == int(pid)
    with pytest.raises(HostFault, match="oh no; the version before is back"):
        verbs.install(host, install_request(base, "echo oh no; exit 1"))
    assert verbs.remove(host, folder_request(base)) == {"stopped": "1"}


def test_half_a_script_does_nothing(quick, base):
    call = verbs.invocation("install", folder_request(base), 60, "0" * 64, 10, "sh")
    for share in (0.3, 0.9, 0.999):
        with agent_process(call[: int(len(call) * share)]) as process:
            process.stdin.close()
            assert process.stdout.read() == b""
    assert not base.exists()


def test_an_upload_that_is_cut_leaves_no_process_and_no_half_bundle(quick, base):
    request = install_request(base)
    with agent_process(verbs.invocation("install", request, 60, request.digest, 5_000_000, "sh")) as process:
        wait_for_line(process, b"@p2ppool need")
        process.stdin.write(bytes(1_000_000))
        family = children_of(process.pid)
        process.stdin.close()
        assert b"the upload was cut" in process.stdout.read()
    eventually(lambda: not any(exists(pid) for pid in family))
    assert sorted(entry.name for entry in base.rglob("*")) == [".p2ppool", "bundles", "node"]


def test_when_the_manager_hangs_up_the_agent_ends_and_the_node_lives(host, base, node):
    deaf = "trap '' INT; while :; do sleep 0.1; done"
    pid = int(verbs.install(host, install_request(base, deaf))["pid"])
    with_retry = verbs.script()
    call = verbs.invocation("stop", folder_request(base), 60).replace(b"PATIENCE=20 ", b"PATIENCE=600 ")
    assert with_retry.count("PATIENCE=20 ") == 1
    with agent_process(call) as process:
        wait_for_line(process, b"@p2ppool step stop")
        family = eventually(lambda: children_of(process.pid))
        process.stdin.close()
        eventually(lambda: not any(exists(child) for child in family), seconds=10)
    assert node() == pid
    assert verbs.check(host, folder_request(base))["running"] == "yes"


def test_an_agent_ends_when_its_time_is_up(host, base, node):
    deaf = "trap '' INT; while :; do sleep 0.1; done"
    verbs.install(host, install_request(base, deaf))
    call = verbs.invocation("stop", folder_request(base), 0.5).replace(b"PATIENCE=20 ", b"PATIENCE=600 ")
    with agent_process(call) as process:
        wait_for_line(process, b"@p2ppool step stop")
        assert process.stdout.read() == b""
        assert process.wait(20) != 0
    assert node() is not None


def test_an_agent_that_has_ended_leaves_no_process_of_its_own(quick, base):
    family = {"P2PPOOL_TEST_FAMILY": uuid.uuid4().hex}  # children may come and go before anybody sees them
    with agent_process(b"", **family) as process:
        eventually(lambda: process.pid in with_variables(family))
        process.stdin.write(verbs.invocation("probe", folder_request(base), 600))
        process.stdin.flush()
        wait_for_line(process, b"@p2ppool done")
        process.wait(20)
        eventually(lambda: not with_variables(family))


def test_sigint_reaches_a_node_that_set_no_handler(host, base):
    """A shell's background jobs are deaf to SIGINT, and what they start inherits that."""
    pid = int(verbs.install(host, install_request(base))["pid"])
    os.kill(pid, signal.SIGINT)
    eventually(lambda: not exists(pid))


def test_the_marked_pool_is_the_requests(host, base):
    verbs.install(host, install_request(base))
    assert verbs.check(host, folder_request(base, pool="another"))["pool"] == POOL


def test_an_agent_whose_answers_nobody_can_take_ends_with_all_that_it_started(shell, base):
    """The line broke in one direction: its input still stays open, so only its own words tell it."""
    request = install_request(base)
    size = len(request.bundle)
    call = verbs.invocation("install", request, 600, request.digest, size, request.runtime)
    with agent_process(call) as process:
        wait_for_line(process, b"@p2ppool need")
        started = children_of(process.pid)
        process.stdout.close()
        process.stdin.write(request.bundle)
        process.stdin.flush()
        eventually(lambda: not any(runs(pid) for pid in started))


@pytest.mark.parametrize("lines", [["@p2ppool fact digest " + "0" * 64], []], ids=["another", "none"])
def test_a_host_that_reports_another_digest_than_was_sent_has_failed(base, lines):
    request = install_request(base)
    with pytest.raises(HostFault, match="not what was sent") as raised:
        verbs.install(Scripted(*lines, "@p2ppool done"), request)
    assert raised.value.kind is ErrorKind.PROTOCOL


def test_a_host_that_reports_the_digest_is_believed(base):
    request = install_request(base)
    host = Scripted(f"@p2ppool fact digest {request.digest}", "@p2ppool done")
    assert verbs.install(host, request)["digest"] == request.digest
