"""Hosts behind a jump host, demo hosts and real OpenSSH: one connection to it, a channel to each of them."""

import os
import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.host_key import fingerprint
from tests.e2e.test_fleet import (
    LIMITS,
    Site,
    agents_on,
    facts,
    kinds,
    login_of,
    quick,
    said_by,
    site,
    targets_at,
)
from tests.lab.hosts import faults
from tests.lab.hosts.keys import SshKey
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import folder_request, install_request

__all__ = ["quick", "site"]


def jump_at(address, **fields):
    return Target(
        **{"key": 99, "name": "bastion", "address": address[0], "port": address[1], "host_key": None} | fields
    )


@pytest.fixture
def jump(site):
    """The first host, as the jump host to the others."""
    return jump_at(site.fleet.addresses[0])


def behind(site, jump):
    return [replace(target, jump=jump) for target in site.targets[1:]]


def whence(connection):
    """The client that the host sees."""
    with connection.session("echo $SSH_CONNECTION") as session:
        return {"client": next(session.lines()).split()[0]}


def test_all_are_reached_by_one_connection_to_the_jump_host(site, jump):
    targets = behind(site, jump)
    first = site.install(targets, ballast=os.urandom(1_000_000))
    assert kinds(first) == [None] * len(targets), first
    [key] = {outcome.jump_key for outcome in first}
    assert key.startswith("ssh-ed25519 ")
    pinned = replace(jump, host_key=key)
    again = site.run(whence, behind(site, pinned))
    assert kinds(again) == [None] * len(targets)
    assert {outcome.jump_key for outcome in again} == {None}
    if site.fleet.kind == "sshd":  # demo hosts are all one machine, which does not say from where it connects
        assert facts(again, "client") == {jump.address}


def test_a_user_of_its_own_signs_in_at_the_jump_host(site, jump):
    [outcome] = site.run(whence, behind(site, replace(jump, user="nobody"))[:1])
    assert outcome.error is ErrorKind.AUTH_REFUSED
    assert outcome.message.startswith("its jump host bastion: login refused (user nobody)")


def test_a_jump_host_that_fails_is_named_for_each_host_behind_it_and_costs_the_others_nothing(site, jump):
    with ExitStack() as stack:
        other = SshKey.generate().public_line
        bad = {
            ErrorKind.REFUSED: jump_at(stack.enter_context(faults.refused())),
            ErrorKind.TIMEOUT: jump_at(stack.enter_context(faults.swallowed())),
            ErrorKind.SILENT: jump_at(stack.enter_context(faults.Banner()).address),
            ErrorKind.HOST_KEY_CHANGED: replace(jump, host_key=other),
        }
        targets = [target for way in bad.values() for target in behind(site, way)]
        outcomes = site.run(whence, [*targets, *site.targets])
    each = len(site.targets) - 1
    assert kinds(outcomes) == [kind for kind in bad for _ in range(each)] + [None] * (each + 1)
    assert {outcome.message.partition(": ")[0] for outcome in outcomes[: len(targets)]} == {
        "its jump host bastion"
    }
    changed = outcomes[len(targets) - 1]
    assert fingerprint(other) in changed.message
    accepted = replace(jump, host_key=changed.facts["offered_jump_key"])
    assert kinds(site.run(whence, behind(site, accepted)))[0] is None


def test_dead_hosts_behind_it_do_not_hold_up_the_living(site, jump, demo_hosts):
    """From its own loopback a demo host reaches the broken servers of this machine."""
    jump = jump_at(address_of(demo_hosts.addresses[0]))
    living = [replace(target, jump=jump) for target in targets_at(map(address_of, demo_hosts.addresses[1:]))]
    site.limits = replace(LIMITS, workers=4, connect_timeout=4, banner_timeout=4)
    with faults.Banner() as silent, faults.refused() as refused, faults.swallowed() as swallowed:
        rubbish = jump_at(silent.address)
        dead = [replace(rubbish, key=100 + number, jump=jump) for number in range(24)]
        dead += [replace(rubbish, address=swallowed[0], port=swallowed[1], jump=jump)] * 8
        off = replace(rubbish, address=refused[0], port=refused[1], jump=jump)
        for _ in range(4):  # on a busy machine asyncssh's forwarding ends its own connection now and then
            told = []
            outcomes = site.run(
                whence,
                [*dead, off, *living],
                on_outcome=lambda outcome, told=told: told.append(outcome.error),
            )
            if ErrorKind.CONNECTION_LOST not in told:
                break
    assert kinds(outcomes) == [
        *[ErrorKind.SILENT] * 24,
        *[ErrorKind.TIMEOUT] * 8,
        ErrorKind.UNREACHABLE,  # unlike OpenSSH, asyncssh does not say why
        *[None] * len(living),
    ], {outcome.message for outcome in outcomes}
    assert told.index(None) < told.index(ErrorKind.SILENT)
    assert outcomes[0].message.startswith("through its jump host bastion: ")


def address_of(text):
    address, _, port = text.partition(":")
    return address, int(port)


def test_a_jump_host_that_is_lost_in_the_middle_is_told_as_such(site, jump):
    with faults.Proxy((jump.address, jump.port), cut_after=1_000_000) as line:
        outcomes = site.install(behind(site, jump_at(line.address)), ballast=os.urandom(2_000_000))
    assert set(kinds(outcomes)) == {ErrorKind.CONNECTION_LOST}
    assert all("its jump host bastion: the connection broke" in outcome.message for outcome in outcomes)
    for target in site.targets[1:]:
        eventually(lambda target=target: not agents_on(site, target))


@pytest.mark.parametrize(
    ("limits", "line", "may_be"),
    [
        # On a busy machine the connection to the jump host may be given up before the host's own is.
        ({"step_timeout": 1}, {"stall_after": 500_000}, {ErrorKind.STALLED, ErrorKind.CONNECTION_LOST}),
        ({"host_deadline": 3}, {"bytes_per_second": 100_000}, {ErrorKind.DEADLINE}),
    ],
    ids=["it stalls", "it is slow"],
)
def test_the_limits_of_a_host_hold_behind_it_too(site, jump, limits, line, may_be):
    site.limits = replace(LIMITS, **limits)
    with faults.Proxy((jump.address, jump.port), **line) as proxy:
        outcomes = site.install(behind(site, jump_at(proxy.address))[:1], ballast=os.urandom(5_000_000))
    (outcome,) = outcomes
    assert outcome.step == "upload"
    assert outcome.error in may_be, outcome.message


def test_cancel_ends_all_that_goes_through_it_at_once_and_leaves_no_agent(site, jump):
    targets = [replace(target, key=key) for key, target in enumerate((behind(site, jump) * 13)[:64])]
    site.limits = replace(LIMITS, workers=32)
    in_flight = threading.Semaphore(0)
    cancelled_at = []

    def upload_that_never_comes(connection):
        request = folder_request(f"{site.base}/{connection.target.key}")
        with connection.session(verbs.SHELL) as session:
            session.send(verbs.invocation("install", request, 600, "0" * 64, 1_000_000, "sh"))
            for line in session.lines():
                if line == "@p2ppool need":
                    in_flight.release()
        return {}

    def cancel_when_32_are_in_flight():
        if all(in_flight.acquire(timeout=60) for _ in range(32)):
            cancelled_at.append(time.monotonic())
        site.cancel.cancel("stop of the pool")

    canceller = threading.Thread(target=cancel_when_32_are_in_flight)
    canceller.start()
    outcomes = site.run(upload_that_never_comes, targets)
    ended = time.monotonic()
    canceller.join()
    assert cancelled_at, outcomes
    assert ended - cancelled_at[0] < 5
    assert set(kinds(outcomes)) == {ErrorKind.CANCELLED}
    assert sum(outcome.step == "session" for outcome in outcomes) == 32
    for target in site.targets[1:]:
        eventually(lambda target=target: not agents_on(site, target))
        said_by(site, target, f"rm -rf {site.base}")


def test_a_cancel_while_it_says_nothing_ends_at_once(site):
    with faults.Banner(b"SSH-2.0-x\r\n") as hung:
        site.limits = replace(LIMITS, auth_timeout=60)
        threading.Timer(0.5, lambda: site.cancel.cancel("stop")).start()
        began = time.monotonic()
        outcomes = site.run(whence, behind(site, jump_at(hung.address)))
    assert time.monotonic() - began < 10
    assert {(outcome.error, outcome.started) for outcome in outcomes} == {(ErrorKind.CANCELLED, False)}


@pytest.mark.root
def test_a_jump_host_that_forwards_nothing_is_told_so(sshd_fleet, ssh_key):
    hosts = sshd_fleet.hosts
    site = Site(sshd_fleet, login_of(ssh_key.private_pem), "p2p")
    targets = [replace(target, jump=jump_at((hosts[0].address, 22))) for target in site.targets[1:]]
    with hosts[0].no_forwarding():
        outcomes = site.run(whence, targets)
    assert set(kinds(outcomes)) == {ErrorKind.FORWARDING_REFUSED}
    assert "through its jump host bastion" in outcomes[0].message
    assert "AllowTcpForwarding" in outcomes[0].message
    with hosts[1].refused(), hosts[2].link_down(), hosts[3].other_host_keys():
        pinned = [replace(target, host_key=SshKey.generate().public_line) for target in targets[2:3]]
        outcomes = site.run(whence, [*targets[:2], *pinned, *targets[3:]])
    assert kinds(outcomes)[0] is ErrorKind.REFUSED
    assert kinds(outcomes)[1] in {ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT}
    assert kinds(outcomes)[2:] == [ErrorKind.HOST_KEY_CHANGED, None, None]
    assert outcomes[2].facts["offered_host_key"]


def test_an_install_through_it_is_found_in_order_without_it(site, jump):
    targets = behind(site, jump)
    request = install_request(site.base)
    site.run(lambda connection: verbs.install(connection, request), targets)
    checked = site.run(
        lambda connection: verbs.check(connection, folder_request(site.base)), site.targets[1:]
    )
    assert facts(checked, "running") == {"yes"}
