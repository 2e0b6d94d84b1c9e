"""Names to addresses. The resolver itself is replaced: tests need no network."""

import socket
import threading

import pytest

from p2ppool.fleet.inventory.hosts_file import HostsFileError, read_hosts, resolve


@pytest.fixture
def answers(monkeypatch):
    """A dictionary: what each name resolves to."""
    known = {}

    def getaddrinfo(name, *_, **__):
        answer = known.get(name, OSError(-2, "Name or service not known"))
        if callable(answer):
            answer = answer()
        if isinstance(answer, OSError):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_names_become_addresses_in_the_file_s_order(answers):
    answers.update(b="10.0.0.2", a="10.0.0.1")
    resolved = resolve(read_hosts("b\n# x\na:23\n::1\n", 22))
    assert [(host.name, host.port, host.line, host.address) for host in resolved] == [
        ("b", 22, 1, "10.0.0.2"),
        ("a", 23, 3, "10.0.0.1"),
        ("::1", 22, 4, "::1"),
    ]


def test_addresses_are_not_requested(answers):
    assert [host.address for host in resolve(read_hosts("10.0.0.1\n2001:db8::1\n", 22))] == [
        "10.0.0.1",
        "2001:db8::1",
    ]


def test_names_without_an_address_are_named_with_their_lines(answers):
    answers["a"] = "10.0.0.1"
    with pytest.raises(HostsFileError) as refused:
        resolve(read_hosts("a\nghost1\nghost2\n", 22))
    assert "line 2: ghost1 has no address (Name or service not known)" in refused.value.problems
    assert len(refused.value.problems) == 2


def test_two_names_of_one_host_are_named_with_both_lines(answers):
    answers.update(a="10.0.0.1", alias="10.0.0.1")
    with pytest.raises(HostsFileError, match=r"line 2: alias:22 is the same host as line 1 \(10.0.0.1\)"):
        resolve(read_hosts("a\nalias\nalias:23\n", 22))


def test_a_resolver_that_hangs_is_not_waited_for(answers):
    release = threading.Event()
    answers["slow"] = lambda: release.wait(60) and "10.0.0.9"
    answers["a"] = "10.0.0.1"
    try:
        with pytest.raises(HostsFileError, match=r"^line 1: slow has no address \(no answer within 0.2 s\)$"):
            resolve(read_hosts("slow\na\n", 22), timeout=0.2)
    finally:
        release.set()


def test_many_names_are_requested_side_by_side(answers):
    together = threading.Barrier(8, timeout=30)
    for number in range(8):
        answers[f"h{number}"] = lambda address=f"10.0.0.{number}": together.wait() >= 0 and address
    assert len(resolve(read_hosts("\n".join(answers), 22))) == 8
