"""A newer turn ends an older one's agent, wherever that is, and what it then does comes out right."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.lab.waiting import eventually
from tests.unit.fleet.agent.agents import agent_process, changed, paused, wait_for_line
from tests.unit.fleet.bundles import folder_request, install_request
from tests.unit.fleet.processes import children_of, nodes_in, runs

pytestmark = pytest.mark.slow

OLD, MIDDLE, NEW = "exec sleep 1000", "exec sleep 1001", "exec sleep 1002"
DEAF = "trap '' INT; while :; do sleep 0.1; done"
SLOW = "trap 'echo bye; sleep 1; exit 0' INT; while :; do sleep 0.02; done"
PATIENT = ("PATIENCE=20 ", "PATIENCE=600 ")
SETTLED = {"bundles", "current", "node", ".fence", ".p2ppool"}

POINTS = {
    "the lock is not sure yet": '    find_owner\n    if [ "$owner"',
    "the lock is taken": "    admit # this look counts",
    "the folder is cleared": '    [ "$folder" = ours ] || mark',
    "the bundle is unpacked": '    must mv -- "$fresh" "$base/bundles/$digest"',
    "the node is to be ended": "    step stop\n    halt\n    step start",
    "the node is ended": "    step start\n    if [ -f",
    "the config is kept": '    must mv -f -- "$base/node/.config.new"',
    "the config is new": '    put_link "$base/current" "bundles/$digest"',
    "the bundle is current": "    if launch; then\n        forget",
    "the node is started": "    settle ||",
    "the node stays up": '    must put "$base/node/node.pid"',
    "it is all done": "        forget_old_bundles\n        return",
}
"""Where an install may be when it is ended: the line of the script that it does not come to any more."""


def call_of(verb, request, *arguments):
    return verbs.invocation(verb, request, 600, *arguments)


def install_call(request):
    return call_of("install", request, request.digest, len(request.bundle), request.runtime)


def family_of(process):
    return eventually(lambda: children_of(process.pid))


@contextmanager
def being_ended(process):
    """That agent is alive before and ended after, with all its children."""
    family = family_of(process)
    yield
    assert process.wait(20) == 128 + signal.SIGKILL
    assert not any(runs(pid) for pid in family)


@contextmanager
def interrupted(call, bundle=b"", said=b"@p2ppool paused"):
    """An agent that has said so much, and that will be ended within."""
    with agent_process(call) as process:
        if bundle:
            wait_for_line(process, b"@p2ppool need")
            process.stdin.write(bundle)
            process.stdin.flush()
        wait_for_line(process, said)
        with being_ended(process):
            yield process


def interrupted_install(base, point, fence=2):
    request = install_request(base, MIDDLE, fence=fence)
    return interrupted(paused(install_call(request), POINTS[point]), upload_of(point, request))


def upload_of(point, request):
    return b"" if "lock" in point or "cleared" in point else request.bundle


def assert_installed(base, node, request, facts):
    assert node() == int(facts["pid"])
    assert (base / "current").resolve() == base / "bundles" / request.digest
    assert {entry.name for entry in base.iterdir()} == SETTLED


@pytest.mark.parametrize("point", POINTS)
def test_an_install_after_an_interrupted_one_of_the_same_bundle_has_it_run(host, base, node, point):
    verbs.install(host, install_request(base, OLD, fence=1))
    request = install_request(base, MIDDLE, fence=3)
    with interrupted_install(base, point):
        facts = verbs.install(host, request)
    assert_installed(base, node, request, facts)


@pytest.mark.parametrize(
    "point", ["the bundle is unpacked", "the node is ended", "the bundle is current", "the node is started"]
)
def test_an_install_after_an_interrupted_one_of_another_bundle_has_its_own_run(host, base, node, point):
    verbs.install(host, install_request(base, OLD, fence=1))
    request = install_request(base, NEW, fence=3)
    with interrupted_install(base, point):
        facts = verbs.install(host, request)
    assert_installed(base, node, request, facts)


@pytest.mark.parametrize(
    "point",
    ["the lock is not sure yet", "the bundle is unpacked", "the node is ended", "the node is started"],
)
def test_a_remove_after_an_interrupted_install_leaves_only_the_tombstone(host, base, point):
    verbs.install(host, install_request(base, OLD, fence=1))
    with interrupted_install(base, point):
        assert verbs.remove(host, folder_request(base, fence=3))["kept"] == "fence"
    assert {entry.name for entry in base.iterdir()} == {".fence", ".p2ppool"}
    assert nodes_in(base) == []


@pytest.mark.parametrize("point", ["the node is ended", "the node is started", "it is all done"])
def test_a_stop_after_an_interrupted_install_leaves_no_node(host, base, node, point):
    with interrupted_install(base, point):
        stopped = verbs.stop(host, folder_request(base, fence=3))["stopped"]
    assert stopped == ("0" if point == "the node is ended" else "1")
    assert node() is None


def test_an_upload_is_ended(host, base, node):
    hung = install_request(base, MIDDLE, fence=2)
    request = install_request(base, NEW, fence=3)
    with interrupted(install_call(hung), said=b"@p2ppool need") as process:
        process.stdin.write(hung.bundle[:10])
        process.stdin.flush()
        eventually(lambda: list(base.glob(".part.*")))
        facts = verbs.install(host, request)
    assert_installed(base, node, request, facts)


NEWBORN = ("BORN='[", "BORN='touch ../../born; until [ -e ../../go ]; do sleep 0.02; done; [")
CERTAIN = ('&& echo "$$" >node.pid', '&& touch ../../born && sleep 1000 && echo "$$" >node.pid')


@pytest.mark.parametrize("verb", ["install", "stop", "remove"])
@pytest.mark.parametrize("newborn", [NEWBORN, CERTAIN], ids=["before it looks", "after it has looked"])
def test_a_node_that_is_just_being_born_is_ended(host, base, node, verb, newborn):
    hung = install_request(base, MIDDLE, fence=2)
    with interrupted(changed(install_call(hung), newborn, PATIENT), hung.bundle, b"@p2ppool step start"):
        eventually((base.parent / "born").exists)
        request = install_request(base, NEW, fence=3)
        facts = getattr(verbs, verb)(host, request)
    (base.parent / "go").touch()
    if verb == "install":
        assert_installed(base, node, request, facts)
    else:
        assert node() is None


def test_a_newborn_that_nobody_found_ends_itself(host, base, node, tmp_path):
    """A newer agent came and went while it was being forked; it can't be told from somebody's shell here."""
    hung = install_request(base, MIDDLE, fence=2)
    unseen = (" P2PPOOL_HOST_ADDRESS=$address\n        export P2PPOOL_HOST_ADDRESS", "")
    unmarked = ("export P2PPOOL_MARK", "unset P2PPOOL_MARK")
    call = changed(install_call(hung), NEWBORN, PATIENT, unseen, unmarked)
    with interrupted(call, hung.bundle, b"@p2ppool step start"):
        eventually((tmp_path / "born").exists)
        [newborn] = nodes_in(base)
        request = install_request(base, NEW, fence=3)
        facts = verbs.install(host, request)
    assert runs(newborn)
    (tmp_path / "go").touch()
    eventually(lambda: not runs(newborn))
    assert_installed(base, node, request, facts)


def test_a_node_that_was_asked_to_leave_does_not_count_as_running(host, base, node):
    request = install_request(base, SLOW, fence=1)
    leaving = int(verbs.install(host, request)["pid"])
    with interrupted(changed(call_of("stop", request), PATIENT), said=b"@p2ppool step stop"):
        eventually(lambda: any("bye" in log.read_text() for log in (base / "node").glob("node.log.*")))
        newer = install_request(base, SLOW, fence=2)
        facts = verbs.install(host, newer)
    assert facts["changed"] == "yes"
    assert not runs(leaving)
    assert_installed(base, node, newer, facts)


@pytest.mark.parametrize("verb", ["remove", "forget"])
def test_an_install_after_an_interrupted_removal_has_a_whole_bundle(host, base, node, verb):
    verbs.install(host, install_request(base, OLD, fence=1))
    request = install_request(base, OLD, fence=3)
    line = '    wipe "$base/.unpack.bundles" "$base/bundles"'
    half = '    rm -f -- "$base/.unpack.bundles"/*/start "$base/bundles"/*/start; say paused; sleep 1000 #'
    with interrupted(changed(call_of(verb, folder_request(base, fence=2)), (line, half))):
        facts = verbs.install(host, request)
    assert_installed(base, node, request, facts)


@pytest.mark.parametrize(
    "line",
    [
        '    must rm -f -- "$base/.p2ppool"',
        "    rm -f -- \"$base/.lock\"\n    link='' inside",
        "    trouble=$(rmdir",
    ],
)
def test_an_install_after_an_interrupted_forget_starts_anew(host, base, node, line):
    verbs.install(host, install_request(base, OLD, fence=1))
    request = install_request(base, OLD, fence=3)
    with agent_process(paused(call_of("forget", folder_request(base, fence=2)), line)) as process:
        wait_for_line(process, b"@p2ppool paused")
        facts = verbs.install(host, request)
    assert facts["upload"] == "yes"
    assert_installed(base, node, request, facts)


def test_an_old_bundle_that_was_being_deleted_does_not_count_as_there(host, base, node):
    requests = [install_request(base, start, fence=1) for start in (OLD, MIDDLE, NEW)]
    for request in requests[:2]:
        verbs.install(host, request)
    line = ' && rm -rf -- "$base/.unpack.${bundle##*/}" ;;'
    call = changed(install_call(requests[2]), (line, " && say paused && sleep 1000 ;;"))
    with interrupted(call, requests[2].bundle):
        request = install_request(base, OLD, fence=2)
        facts = verbs.install(host, request)
    assert facts["upload"] == "yes"
    assert_installed(base, node, request, facts)


def test_an_agent_that_hangs_is_ended(shell, host, base, node):
    request = install_request(base, NEW, fence=3)
    with interrupted_install(base, "the node is ended") as process:
        leader = family_of(process)[0]
        os.killpg(leader, signal.SIGSTOP)
        facts = verbs.install(host, request)
    assert_installed(base, node, request, facts)


def test_an_agent_of_the_same_turn_is_waited_for(host, base):
    call = paused(call_of("stop", folder_request(base, fence=2)), "    find_nodes\n    fact stopped")
    with agent_process(call) as process:
        wait_for_line(process, b"@p2ppool paused")
        with pytest.raises(HostFault) as raised:
            verbs.stop(host, folder_request(base, fence=2))
        assert raised.value.kind is ErrorKind.BUSY
        assert process.poll() is None
        assert verbs.stop(host, folder_request(base, fence=3))["stopped"] == "0"


def test_an_agent_of_a_newer_turn_is_neither_ended_nor_waited_for(host, base):
    """It has the lock and not yet raised the fence."""
    line = '    [ "$fence" -eq "$newest" ] || raise_fence'
    with agent_process(paused(call_of("stop", folder_request(base, fence=3)), line)) as process:
        wait_for_line(process, b"@p2ppool paused")
        with pytest.raises(HostFault, match="2 is older than 3"):
            verbs.stop(host, folder_request(base, fence=2))
        assert process.poll() is None


def test_another_pool_s_agent_is_not_ended_whatever_its_turn(host, base):
    verbs.remove(host, folder_request(base, fence=1))
    line = '    [ "$folder" = ours ] || mark'
    call = paused(call_of("stop", folder_request(base, pool="other-pool", fence=2)), line)
    with agent_process(call) as process:
        wait_for_line(process, b"@p2ppool paused")
        with pytest.raises(HostFault) as raised:
            verbs.stop(host, folder_request(base, fence=3))
        assert raised.value.kind is ErrorKind.BUSY
        assert process.poll() is None


def test_of_many_turns_at_the_same_time_the_newest_wins(host, base, node):
    """The others came before it, or are refused, or ended in the middle."""
    requests = [install_request(base, f"exec sleep {2000 + fence}", fence=fence) for fence in range(1, 9)]
    with ThreadPoolExecutor(len(requests)) as turns:
        newest = [turns.submit(verbs.install, copy(host), request) for request in requests][-1]
    assert_installed(base, node, requests[-1], newest.result())
