"""Installing, upgrading, starting, stopping: the real agent, in a real sh, on real processes."""

import hashlib
import os
import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import CONFIG, bundle_of, folder_request, install_request
from tests.unit.fleet.processes import nodes_in

pytestmark = pytest.mark.slow

ADDRESS = "brunet:node:XWXRD552YLGBUS3JPEDIONQ4AHSHDMEU"
FAILS = "echo started; echo '  the reason'; exit 3"


TEXTS = (Path(__file__).parents[3] / "data" / "brunet-failure-texts.txt").read_text()
TLS, NAME, CLIENT, HARMLESS = re.split(r"(?m)^# [0-9]\. .*\n", TEXTS)[1:]
THROWN = "\nUnhandled Exception:\nSystem.Exception: what is wrong\n  at A ()\n[ERROR] FATAL: x\n  at A ()"


def says(text):
    """A node that says this and ends."""
    return f"cat <<'END'\n{text.partition('# exit code')[0]}\nEND\nexit 1"


def digests_in(base):
    return {folder.name for folder in (base / "bundles").iterdir()}


def logs_of(base):
    return "".join(log.read_text() for log in (base / "node").glob("node.log.*"))


def fault_of(verb, host, request):
    with pytest.raises(HostFault) as raised:
        verb(host, request)
    return raised.value


def test_a_bundle_is_uploaded_unpacked_and_its_node_runs(host, base, node):
    request = install_request(base)
    facts = verbs.install(host, request)
    assert host.step == "start"
    assert (facts["upload"], facts["changed"], facts["digest"]) == ("yes", "yes", request.digest)
    assert node() == int(facts["pid"])
    assert (base / "current").resolve() == base / "bundles" / request.digest
    assert (base / "node/node.config").read_text() == CONFIG


def test_the_same_bundle_again_changes_nothing_and_is_not_uploaded(host, base, node):
    request = install_request(base)
    pid = verbs.install(host, request)["pid"]
    # A bundle that is not the digest's: had it been sent, the agent would have refused it.
    facts = verbs.install(host, replace(request, bundle=b"not needed"))
    assert (facts["upload"], facts["changed"], facts["pid"]) == ("no", "no", pid)
    assert node() == int(pid)


def test_the_same_bundle_starts_a_node_that_died(host, base, node):
    request = install_request(base)
    os.kill(int(verbs.install(host, request)["pid"]), signal.SIGKILL)
    eventually(lambda: node() is None)
    facts = verbs.install(host, request)
    assert (facts["upload"], facts["changed"]) == ("no", "yes")
    assert node() == int(facts["pid"])


def test_an_upgrade_replaces_the_node_and_keeps_one_version_back(host, base, node):
    requests = [install_request(base, f"exec sleep {number}") for number in (1001, 1002, 1003)]
    pids = [verbs.install(host, request)["pid"] for request in requests]
    assert len(set(pids)) == 3
    assert node() == int(pids[2])
    assert digests_in(base) == {requests[1].digest, requests[2].digest}


def test_a_node_keeps_its_overlay_address_over_an_upgrade(host, base):
    verbs.install(host, install_request(base))
    config = base / "node/node.config"
    config.write_text(f"<NodeConfig>\n  <Old/>\n  <NodeAddress>{ADDRESS}</NodeAddress>\n</NodeConfig>\n")
    verbs.install(host, install_request(base, config=CONFIG.replace("test", "other")))
    text = config.read_text()
    assert re.findall("<NodeAddress>(.*)</NodeAddress>", text) == [ADDRESS]
    assert "other" in text
    assert "Old" not in text


@pytest.mark.parametrize("address", ["brunet:node:A'; reboot", "brunet:node:A/e", "&", "</NodeAddress>", ""])
def test_what_is_no_overlay_address_is_not_kept(host, base, address):
    verbs.install(host, install_request(base))
    (base / "node/node.config").write_text(f"<NodeConfig><NodeAddress>{address}</NodeAddress></NodeConfig>")
    verbs.install(host, install_request(base, "exec sleep 1001"))
    assert (base / "node/node.config").read_text() == CONFIG


def test_a_node_learns_its_host_s_address_and_runs_in_its_own_folder_and_session(host, base, node):
    script = 'echo "at $P2PPOOL_HOST_ADDRESS in $(pwd) with $1 locale ${LC_ALL-unset}"; exec sleep 1000'
    verbs.install(host, install_request(base, script))
    assert logs_of(base) == f"at 127.0.0.9 in {base}/node with node.config locale unset\n"
    assert os.getsid(node()) == node()


def test_a_node_that_ends_at_once_brings_back_the_version_before(host, base, node):
    good = install_request(base)
    verbs.install(host, good)
    fault = fault_of(verbs.install, host, install_request(base, FAILS, config=CONFIG.replace("test", "bad")))
    assert fault.kind is ErrorKind.START_FAILED
    assert "the reason; the version before is back" in str(fault)
    assert node() is not None
    assert (base / "current").resolve().name == good.digest
    assert (base / "node/node.config").read_text() == CONFIG


def test_a_node_that_does_not_come_back_is_reported_plainly(host, base):
    fickle = "[ -e ../spoilt ] && echo spoilt && exit 1; exec sleep 1000"
    request = install_request(base, fickle)
    os.kill(int(verbs.install(host, request)["pid"]), signal.SIGKILL)
    (base / "spoilt").touch()
    fault = fault_of(verbs.install, host, request)
    assert fault.kind is ErrorKind.START_FAILED
    assert "(spoilt)" in str(fault)


def test_a_version_before_that_does_not_come_back_either_is_reported(host, base, node):
    verbs.install(host, install_request(base, "[ -e ../spoilt ] && exit 1; exec sleep 1000"))
    (base / "spoilt").touch()
    fault = fault_of(verbs.install, host, install_request(base, FAILS))
    assert "the reason; the version before did not come back" in str(fault)
    assert node() is None


def test_a_first_node_that_ends_at_once_leaves_nothing_current(host, base, node):
    assert fault_of(verbs.install, host, install_request(base, FAILS)).kind is ErrorKind.START_FAILED
    assert node() is None
    assert not (base / "current").exists()
    assert verbs.install(host, install_request(base))["changed"] == "yes"


@pytest.mark.parametrize(
    ("start", "kind", "words"),
    [
        ("echo 'OSError: [Errno 98] Address already in use'; exit 1", ErrorKind.PORT_TAKEN, "Errno 98"),
        (
            "echo 'SocketException: Address already in use'; echo '  at System.Net.Sockets'; exit 1",
            ErrorKind.PORT_TAKEN,
            "SocketException",
        ),
        ("echo 'write: No space left on device'; exit 1", ErrorKind.DISK_FULL, "No space"),
        ("exit 1", ErrorKind.START_FAILED, "without a word"),
        ("echo last words; echo; exit 1", ErrorKind.START_FAILED, "last words"),
        (says(TLS), ErrorKind.OTHER_MONO_SECURITY, "(System.TypeLoadException: Could not"),
        (says(NAME), ErrorKind.OWN_NAME_UNRESOLVED, "Could not resolve host 'host-1'"),
        (says(CLIENT), ErrorKind.MISSING_WEB_CERTIFICATE, "signed cert: /home"),
        (says(THROWN), ErrorKind.START_FAILED, "(System.Exception: what is wrong)"),
        (says("last words\n" + HARMLESS), ErrorKind.START_FAILED, "(last words)"),
        (says(HARMLESS), ErrorKind.START_FAILED, "without a word"),
        (r"printf '\033[2J\200\n'; exit 1", ErrorKind.START_FAILED, "[2J"),
    ],
)
def test_why_a_node_ended_is_read_from_what_it_said(host, base, start, kind, words):
    fault = fault_of(verbs.install, host, install_request(base, start))
    assert fault.kind is kind
    assert words in str(fault)
    assert str(fault).isprintable()


def test_a_node_that_has_ended_since_is_reported_with_why(host, base):
    verbs.install(host, install_request(base, "echo the reason; exec sleep 1000"))
    [pid] = nodes_in(base)
    os.kill(pid, signal.SIGKILL)
    facts = verbs.check(host, folder_request(base))
    assert (facts["running"], facts["cause"], facts["words"]) == ("no", "start_failed", "the reason")


def test_mono_leaves_no_files_elsewhere(host, base):
    verbs.install(host, install_request(base))
    [pid] = nodes_in(base)
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert {b"MONO_DEBUG=no-gdb-backtrace", b"MONO_DISABLE_SHARED_AREA=1"} <= set(environment)


def test_a_missing_runtime_is_reported_before_anything_is_touched(host, base):
    fault = fault_of(verbs.install, host, install_request(base, runtime="no-such-runtime"))
    assert fault.kind is ErrorKind.MISSING_RUNTIME
    assert "no-such-runtime" in str(fault)
    assert not base.exists()


@pytest.mark.parametrize(
    "bundle",
    [b"no archive", bundle_of()[:-40]],
    ids=["no archive", "cut"],
)
def test_a_bundle_that_is_not_sound_leaves_the_running_one_alone(host, base, node, bundle):
    pid = verbs.install(host, install_request(base))["pid"]
    request = replace(install_request(base), digest=hashlib.sha256(bundle).hexdigest(), bundle=bundle)
    assert fault_of(verbs.install, host, request).kind is ErrorKind.BAD_BUNDLE
    assert node() == int(pid)
    assert [entry.name for entry in base.iterdir() if entry.name.startswith((".part", ".unp", ".lock"))] == []


def test_start_is_run_by_sh_and_need_not_be_executable(host, base, node):
    bundle = bundle_of(start_mode=0o600)
    request = replace(install_request(base), digest=hashlib.sha256(bundle).hexdigest(), bundle=bundle)
    pid = verbs.install(host, request)["pid"]
    assert node() == int(pid)


def test_a_bundle_with_another_digest_is_refused(host, base):
    request = replace(install_request(base), digest="0" * 64)
    assert fault_of(verbs.install, host, request).kind is ErrorKind.BAD_BUNDLE
    assert digests_in(base) == set()


def test_remains_of_a_cut_install_are_cleared_by_the_next(host, base):
    verbs.install(host, install_request(base))
    (base / ".part.123").write_bytes(b"x")
    (base / ".unpack.123").mkdir()
    (base / ".lock").symlink_to("999999999:1")
    verbs.install(host, install_request(base, "exec sleep 1001"))
    assert not {".part.123", ".unpack.123", ".lock"} & {entry.name for entry in base.iterdir()}


def test_stop_asks_politely_first(host, base, node):
    polite = "trap 'echo left the overlay; exit 0' INT; while :; do sleep 0.1; done"
    verbs.install(host, install_request(base, polite))
    assert verbs.stop(host, folder_request(base))["stopped"] == "1"
    assert node() is None
    assert logs_of(base) == "left the overlay\n"


def test_stop_ends_a_node_that_is_deaf_and_its_children_too(host, base, node):
    deaf = "trap '' INT; sleep 1001 & while :; do sleep 0.1; done"
    verbs.install(host, install_request(base, deaf))
    verbs.stop(host, folder_request(base))
    assert node() is None


def test_stop_ends_a_node_that_is_deaf_and_always_has_new_children(host, base, node):
    verbs.install(host, install_request(base, "trap '' INT; while :; do sleep 0.01; done"))
    verbs.stop(host, folder_request(base))
    assert node() is None


def test_a_stopped_node_starts_again_and_a_started_one_is_left_alone(host, base, node):
    verbs.install(host, install_request(base))
    verbs.stop(host, folder_request(base))
    facts = verbs.start(host, folder_request(base))
    assert facts["changed"] == "yes"
    assert node() == int(facts["pid"])
    assert verbs.start(host, folder_request(base)) == {"changed": "no", "pid": facts["pid"]}


def test_stopping_where_nothing_is_installed_is_fine(host, base):
    assert verbs.stop(host, folder_request(base)) == {"folder": "absent"}
    assert verbs.remove(host, folder_request(base)) == {"folder": "absent"}
    assert not base.exists()


def test_somebody_s_shell_in_the_node_s_folder_is_neither_counted_nor_killed(host, base):
    verbs.install(host, install_request(base))
    with subprocess.Popen(["sleep", "1000"], cwd=base / "node") as shell:
        assert verbs.check(host, folder_request(base))["processes"] == "1"
        verbs.stop(host, folder_request(base))
        assert shell.poll() is None
        shell.kill()


def test_a_reused_process_number_is_not_taken_for_the_node(host, base):
    verbs.install(host, install_request(base))
    verbs.stop(host, folder_request(base))
    with subprocess.Popen(["sleep", "1000"]) as stranger:
        (base / "node/node.pid").write_text(f"{stranger.pid} 12345\n")
        assert verbs.check(host, folder_request(base))["running"] == "no"
        verbs.remove(host, folder_request(base))
        assert stranger.poll() is None
        stranger.kill()


def test_check_reports_pool_digest_and_time_up(host, base):
    request = install_request(base)
    verbs.install(host, request)
    facts = verbs.check(host, folder_request(base))
    assert facts.items() >= {"folder": "ours", "pool": request.pool, "digest": request.digest}.items()
    assert 0 <= int(facts["uptime"]) < 60


def test_probe_looks_and_touches_nothing(host, base):
    facts = verbs.probe(host, folder_request(base))
    assert facts["folder"] == "absent"
    assert int(facts["free_kb"]) > 0
    assert abs(float(facts["clock_offset"])) <= float(facts["clock_error"]) + 0.001
    assert re.fullmatch(r"3\.\d+\.\d+\S*", facts["python3"])
    assert facts["missing"] == ""
    assert facts["kernel"].startswith("Linux ")
    assert not base.exists()


def test_remove_leaves_nothing(host, base, node):
    verbs.install(host, install_request(base))
    assert verbs.remove(host, folder_request(base)) == {"stopped": "1"}
    assert not base.exists()
