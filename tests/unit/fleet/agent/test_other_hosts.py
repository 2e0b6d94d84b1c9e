"""Hosts that are not what they seem: a shared home, two addresses of a machine, a folder that was cleaned."""

import shutil

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import folder_request, install_request
from tests.unit.fleet.processes import nodes_in, runs

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shell")]


def cleaned(base, *what):
    """Take away what systemd-tmpfiles takes, once it is old enough: all that nobody has touched for long."""
    for name in what:
        path = base / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


HALF = (".p2ppool", ".fence", "bundles", "current", "node/node.pid", "node/node.config", "node/.holder")


@pytest.fixture
def running(host, base):
    verbs.install(host, install_request(base, fence=1))
    [pid] = nodes_in(base)
    return pid


def test_a_check_still_knows_a_folder_that_was_half_cleaned(host, base, running):
    cleaned(base, *HALF)
    facts = verbs.check(host, folder_request(base, fence=2))
    assert (facts["folder"], facts["pool"], facts["running"], facts["processes"]) == (
        "ours",
        "pool-1",
        "no",
        "1",
    )
    verbs.install(host, install_request(base, fence=2))
    assert eventually(lambda: not runs(running), 10)
    facts = verbs.check(host, folder_request(base, fence=2))
    assert (facts["running"], facts["processes"]) == ("yes", "1")
    assert (base / ".p2ppool").read_text().endswith("pool pool-1\n")


@pytest.mark.parametrize("verb", [verbs.stop, verbs.remove, verbs.forget])
@pytest.mark.parametrize("gone", [HALF, None], ids=["half", "all"])
def test_whatever_is_gone_of_the_folder_its_node_is_ended(host, base, running, verb, gone):
    if gone:
        cleaned(base, *gone)
    else:
        shutil.rmtree(base)
    assert verb(host, folder_request(base, fence=2))["stopped"] == "1"
    assert eventually(lambda: not runs(running), 10)


@pytest.mark.parametrize("verb", [verbs.stop, verbs.remove, verbs.forget])
def test_in_another_pool_s_folder_a_node_of_this_pool_is_not_called_ended(host, base, running, verb):
    (base / ".p2ppool").write_text("p2ppool folder 1\npool another\n")
    with pytest.raises(HostFault, match=str(running)) as raised:
        verb(host, folder_request(base, fence=2))
    assert raised.value.kind is ErrorKind.STOP_FAILED
    assert runs(running)


def at(monkeypatch, host, address):
    monkeypatch.setattr(host, "_address", address)
    return host


def test_a_second_address_of_the_machine_is_refused(host, base, running, monkeypatch):
    second = at(monkeypatch, host, "127.0.0.10")
    with pytest.raises(HostFault, match=r"127\.0\.0\.9 port") as raised:
        verbs.install(second, install_request(base, fence=1))
    assert raised.value.kind is ErrorKind.SAME_MACHINE
    assert runs(running)
    assert verbs.check(second, folder_request(base))["holder"].startswith("127.0.0.9 ")


def test_another_machine_with_the_same_folder_is_refused(host, base, running, monkeypatch):
    link = base / "node/.holder"
    fence, machine, address = str(link.readlink()).split(" ", 2)
    link.unlink()
    link.symlink_to(f"{fence} another-{machine} {address}")
    with pytest.raises(HostFault) as raised:
        verbs.install(at(monkeypatch, host, "127.0.0.10"), install_request(base, fence=1))
    assert raised.value.kind is ErrorKind.SHARED_FOLDER


def test_a_host_whose_address_has_changed_is_the_same_in_a_later_turn(host, base, running, monkeypatch):
    moved = at(monkeypatch, host, "127.0.0.10")
    assert verbs.install(moved, install_request(base, fence=2))["digest"]
    assert "holder" not in verbs.check(moved, folder_request(base))
