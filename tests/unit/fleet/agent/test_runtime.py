"""A runtime that the pool brings along: sent once, kept beside the bundles, gone with the last of them."""

import hashlib
import os
import re
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.runtime_archive import RuntimeArchive
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.agent.agents import agent_process, paused, wait_for_line
from tests.unit.fleet.bundles import carrying_request, folder_request, install_request, runtime_of
from tests.unit.fleet.processes import nodes_in

pytestmark = pytest.mark.slow


def runtimes_in(base):
    folder = base / "runtimes"
    return {entry.name for entry in folder.iterdir()} if folder.exists() else set()


def fault_of(host, request):
    with pytest.raises(HostFault) as raised:
        verbs.install(host, request)
    return raised.value


def install_call(request):
    what = request.digest, len(request.bundle), request.runtime
    return verbs.invocation("install", request, 600, *what, *request.preflight())


def test_a_node_runs_by_the_runtime_that_came_along(shell, host, base, node):
    request = carrying_request(base, runtime_of())
    facts = verbs.install(host, request)
    assert (facts["runtime_upload"], facts["upload"], facts["changed"]) == ("yes", "yes", "yes")
    assert node() == int(facts["pid"])
    assert runtimes_in(base) == {request.carried.digest}
    assert verbs.remove(host, folder_request(base)) == {"stopped": "1"}
    assert not base.exists()


def test_an_upgrade_of_the_software_sends_the_runtime_no_second_time(host, base, node):
    carried = runtime_of()
    verbs.install(host, carrying_request(base, carried))
    # Not the digest's bytes: had they been sent, the agent would have refused them.
    unsent = replace(carried, data=b"not needed")
    facts = verbs.install(host, carrying_request(base, unsent, ballast=b"new"))
    assert (facts["runtime_upload"], facts["upload"]) == ("no", "yes")
    assert node() == int(facts["pid"])


def test_the_same_again_changes_nothing(host, base):
    request = carrying_request(base, runtime_of())
    pid = verbs.install(host, request)["pid"]
    facts = verbs.install(host, request)
    assert (facts["runtime_upload"], facts["upload"], facts["changed"], facts["pid"]) == (
        "no",
        "no",
        "no",
        pid,
    )


def test_a_runtime_goes_with_the_last_bundle_that_names_it(host, base):
    first, second = runtime_of(ballast=b"1"), runtime_of(ballast=b"2")
    verbs.install(host, carrying_request(base, first))
    verbs.install(host, carrying_request(base, second))
    assert runtimes_in(base) == {first.digest, second.digest}
    verbs.install(host, carrying_request(base, second, ballast=b"new"))
    assert runtimes_in(base) == {second.digest}
    for seconds in (1001, 1002):
        verbs.install(host, install_request(base, f"exec sleep {seconds}"))
    assert not (base / "runtimes").exists()


@pytest.mark.parametrize("verb", [verbs.preflight, verbs.install])
def test_a_machine_of_another_kind_is_reported_with_nothing_touched(host, base, verb):
    verbs.preflight(host, carrying_request(base, runtime_of()))
    with pytest.raises(HostFault) as raised:
        verb(host, carrying_request(base, runtime_of(machine="vax")))
    fault = raised.value
    assert fault.kind is ErrorKind.UNFIT_RUNTIME
    assert "it is for vax, the machine is " in str(fault)
    assert not base.exists()


def test_a_runtime_that_does_not_run_here_leaves_the_running_node_alone(host, base, node):
    pid = verbs.install(host, install_request(base))["pid"]
    broken = runtime_of("echo first; echo 'FATAL: kernel too old' >&2; exit 127")
    fault = fault_of(host, carrying_request(base, broken))
    assert fault.kind is ErrorKind.UNFIT_RUNTIME
    assert "FATAL: kernel too old" in str(fault)
    assert node() == int(pid)
    assert runtimes_in(base) == set()
    assert [entry.name for entry in base.iterdir() if entry.name.startswith((".part", ".unp"))] == []


@pytest.mark.parametrize("data", [b"no archive", runtime_of().data[:-40]], ids=["no archive", "cut"])
def test_a_runtime_that_is_not_sound_is_not_kept(host, base, data):
    carried = replace(runtime_of(), data=data, digest=hashlib.sha256(data).hexdigest())
    assert fault_of(host, carrying_request(base, carried)).kind is ErrorKind.BAD_BUNDLE
    assert runtimes_in(base) == set()


def test_a_runtime_with_another_digest_is_refused(host, base):
    fault = fault_of(host, carrying_request(base, replace(runtime_of(), digest="0" * 64)))
    assert fault.kind is ErrorKind.BAD_BUNDLE
    assert runtimes_in(base) == set()


@pytest.mark.parametrize(
    ("line", "is_there"),
    [
        ('    must mv -- "$fresh" "$base/runtimes/$carried"', False),
        ('    rm -f -- "$runtime_part"', True),
        ("    step 'roll back'", True),
    ],
    ids=["it is unpacked", "it has its name", "its node does not stay"],
)
def test_an_install_after_an_interrupted_one_has_a_whole_runtime(host, base, node, line, is_there):
    verbs.install(host, install_request(base, fence=1))
    carried = runtime_of(ballast=os.urandom(200_000))
    cut = carrying_request(base, carried, fence=2)
    if "roll back" in line:
        cut = replace(install_request(base, "exit 1", fence=2, runtime=cut.runtime), carried=carried)
    with agent_process(paused(install_call(cut), line)) as process:
        for said, upload in ((b"@p2ppool need runtime", carried.data), (b"@p2ppool need", cut.bundle)):
            wait_for_line(process, said)
            process.stdin.write(upload)
            process.stdin.flush()
        wait_for_line(process, b"@p2ppool paused")
        facts = verbs.install(host, carrying_request(base, carried, fence=3))
    assert facts["runtime_upload"] == ("no" if is_there else "yes")
    assert node() == int(facts["pid"])
    assert runtimes_in(base) == {carried.digest}


def test_an_interrupted_removal_leaves_no_part_of_a_runtime_under_its_name(host, base, node):
    carried = runtime_of()
    verbs.install(host, carrying_request(base, carried, fence=1))
    call = verbs.invocation("remove", folder_request(base, fence=2), 600)
    with agent_process(paused(call, '    wipe "$base/.unpack.bundles"')) as process:
        wait_for_line(process, b"@p2ppool paused")
        assert runtimes_in(base) == set()
        facts = verbs.install(host, carrying_request(base, carried, fence=3))
    assert facts["runtime_upload"] == "yes"
    assert nodes_in(base) == [int(facts["pid"])]


def test_a_node_whose_runtime_somebody_deleted_is_reported(host, base):
    carried = runtime_of()
    verbs.install(host, carrying_request(base, carried))
    verbs.stop(host, folder_request(base))
    (base / "runtimes").rename(base / "elsewhere")
    with pytest.raises(HostFault, match=re.escape(carried.digest)):
        verbs.start(host, folder_request(base))
    assert verbs.install(host, carrying_request(base, carried))["runtime_upload"] == "yes"


@pytest.mark.parametrize(("digest", "machine"), [("x", "x86_64"), ("0" * 64, "a b"), ("0" * 64, "")])
def test_what_can_be_no_runtime_is_not_sent(digest, machine):
    with pytest.raises(ValueError, match="not a "):
        RuntimeArchive(digest=digest, data=b"", machine=machine)
