"""Many hosts at the same time over SSH, on demo hosts and on real OpenSSH."""

import io
import os
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import paramiko
import pytest

from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.gather import RESULTS, GatherLimits, Haul, gather
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.host_key import fingerprint
from p2ppool.fleet.transport.login import Login
from tests.lab.hosts import faults
from tests.lab.hosts.keys import SshKey
from tests.lab.hosts.ssh_client import login as plain_login
from tests.lab.hosts.ssh_client import run as run_plain
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import folder_request, install_request
from tests.unit.fleet.short_limits import make_quick

LIMITS = FleetLimits(workers=16, connect_timeout=2, banner_timeout=2, step_timeout=30, host_deadline=120)


@dataclass
class Site:
    """The fleet with everything that an action needs; each test gets a folder of its own on the hosts."""

    fleet: object
    login: Login
    base: str
    limits: FleetLimits = LIMITS
    cancel: CancelToken = field(default_factory=CancelToken)

    @property
    def targets(self):
        return targets_at(self.fleet.addresses)

    def run(self, job, targets=None, **what):
        return fan_out(targets or self.targets, job, self.login, self.limits, self.cancel, **what)

    def install(self, targets=None, start="exec sleep 1000", **what):
        request = install_request(self.base, start, **what)
        return self.run(lambda connection: verbs.install(connection, request), targets)

    def each(self, verb):
        return self.run(lambda connection: verb(connection, folder_request(self.base)))


def targets_at(addresses):
    return [
        Target(key=number, name=f"host{number}", address=address, port=port, host_key=None)
        for number, (address, port) in enumerate(addresses, start=1)
    ]


def login_of(pem):
    return Login("p2p", paramiko.Ed25519Key.from_private_key(io.StringIO(pem.decode())))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    make_quick(monkeypatch)


@pytest.fixture
def site(fleet):
    site = Site(fleet, login_of(fleet.private_key), f"{fleet.install_path}-{uuid.uuid4().hex}")
    yield site
    site.cancel, site.limits = CancelToken(), LIMITS
    assert [outcome.message for outcome in site.each(verbs.remove)] == [""] * len(fleet.addresses)


def said_by(site, target, command):
    """What a command prints on a host."""
    with plain_login((target.address, target.port), site.fleet.private_key) as transport:
        return run_plain(transport, command).stdout.decode()


def agents_on(site, target):
    """The agents that run there. Demo hosts share a process list, so the home tells whose they are."""
    is_here, is_agent = 'grep -qszx "HOME=$HOME" $p/environ', "grep -aszx p2ppool-agent $p/cmdline"
    return said_by(site, target, f"for p in /proc/[0-9]*; do {is_here} && {is_agent}; done")


def kinds(outcomes):
    return [outcome.error for outcome in outcomes]


def facts(outcomes, name):
    return {outcome.facts.get(name) for outcome in outcomes}


def test_all_hosts_are_installed_checked_stopped_and_removed(site):
    count = len(site.targets)
    installed = site.install()
    assert kinds(installed) == [None] * count, installed
    assert facts(installed, "upload") == {"yes"}
    checked = site.each(verbs.check)
    assert facts(checked, "running") == {"yes"}
    assert facts(checked, "processes") == {"1"}
    assert facts(checked, "digest") == facts(installed, "digest")
    assert facts(site.each(verbs.stop), "stopped") == {"1"}
    assert facts(site.each(verbs.check), "running") == {"no"}
    assert kinds(site.each(verbs.remove)) == [None] * count
    assert facts(site.each(verbs.check), "folder") == {"absent"}


def test_an_upgrade_changes_what_runs_and_a_repetition_nothing(site):
    site.install()
    request = install_request(site.base, "exec sleep 1001", ballast=os.urandom(1_000_000))
    first = site.run(lambda connection: verbs.install(connection, request))
    assert (facts(first, "upload"), facts(first, "changed")) == ({"yes"}, {"yes"})
    again = site.run(lambda connection: verbs.install(connection, request))
    assert (facts(again, "upload"), facts(again, "changed")) == ({"no"}, {"no"})
    assert [outcome.facts["pid"] for outcome in again] == [outcome.facts["pid"] for outcome in first]


def test_a_node_binds_the_address_at_which_its_host_was_reached(site):
    site.install(start="echo $P2PPOOL_HOST_ADDRESS >address; exec sleep 1000")
    for target in site.targets:
        assert said_by(site, target, f"cat {site.base}/node/address").strip() == target.address


def test_files_of_the_nodes_come_from_all_hosts_at_the_same_time(site, tmp_path):
    site.install(
        start="head -c 4000000 /dev/urandom >big.db; echo $P2PPOOL_HOST_ADDRESS >own.db; exec sleep 1000"
    )
    hauls = {target.key: Haul(tmp_path / str(target.key)) for target in site.targets}
    limits = GatherLimits(file_bytes=4_000_000, total_bytes=5_000_000)

    def bring(connection):
        haul = hauls[connection.target.key]
        haul.folder.mkdir()
        gather(connection, folder_request(site.base), RESULTS, limits, haul)
        return haul.facts

    for target in site.targets:
        eventually(lambda target=target: said_by(site, target, f"cat {site.base}/node/own.db"))
    assert facts(site.run(bring), "folder") == {"ours"}
    for target in site.targets:
        own, big = hauls[target.key].files
        assert own.path.read_text().strip() == target.address
        assert said_by(site, target, f"sha256sum {site.base}/node/big.db").split()[0] == big.sha256


def test_a_host_key_is_learnt_at_first_contact_and_expected_from_then_on(site):
    first = site.each(verbs.probe)
    assert all(outcome.host_key.startswith("ssh-ed25519 ") for outcome in first)
    pinned = [replace(outcome.target, host_key=outcome.host_key) for outcome in first]
    again = site.run(lambda connection: verbs.probe(connection, folder_request(site.base)), pinned)
    assert kinds(again) == [None] * len(pinned)
    assert {outcome.host_key for outcome in again} == {None}


def test_a_changed_host_key_is_refused_before_the_login(site):
    other = SshKey.generate().public_line
    target = replace(site.targets[0], host_key=other)
    [refused] = site.run(lambda _: pytest.fail("signed in"), [target])
    assert (refused.error, refused.step, refused.host_key) == (ErrorKind.HOST_KEY_CHANGED, "handshake", None)
    offered = refused.facts["offered_host_key"]
    assert fingerprint(other) in refused.message
    assert fingerprint(offered) in refused.message
    accepted = replace(target, host_key=offered)
    [outcome] = site.run(lambda connection: verbs.probe(connection, folder_request(site.base)), [accepted])
    assert outcome.ok


def test_a_wrong_key_is_refused_and_the_host_key_learnt_all_the_same(site):
    site_of_another = replace(site, login=login_of(SshKey.generate().private_pem))
    [outcome] = site_of_another.run(lambda _: pytest.fail("signed in"), site.targets[:1])
    assert (outcome.error, outcome.step) == (ErrorKind.AUTH_REFUSED, "login")
    assert outcome.host_key
    assert "authorized_keys" in outcome.message


def test_hosts_that_fail_each_in_their_own_way_don_t_keep_the_others_from_being_installed(site):
    good = site.targets
    with ExitStack() as stack:
        upload = os.urandom(2_000_000)
        through_cut = stack.enter_context(faults.Proxy(site.fleet.addresses[0], cut_after=500_000)).address
        bad = {
            ErrorKind.REFUSED: stack.enter_context(faults.refused()),
            ErrorKind.TIMEOUT: stack.enter_context(faults.swallowed()),
            ErrorKind.SILENT: stack.enter_context(faults.Banner()).address,
            ErrorKind.NOT_SSH: stack.enter_context(faults.Banner(b"HTTP/1.1 400 Bad Request\r\n")).address,
            ErrorKind.CONNECTION_LOST: through_cut,
        }
        outcomes = site.install([*targets_at(bad.values()), *good[1:]], ballast=upload)
    assert kinds(outcomes) == [*bad, *[None] * (len(good) - 1)]
    messages = {outcome.message for outcome in outcomes[: len(bad)]}
    assert len(messages) == len(bad)
    assert outcomes[len(bad) - 1].step == "upload"


def test_after_a_cut_in_the_middle_of_an_upload_the_host_is_clean_and_the_next_install_works(site):
    one = site.targets[:1]
    with faults.Proxy(site.fleet.addresses[0], cut_after=500_000) as proxy:
        [outcome] = site.install(targets_at([proxy.address]), ballast=os.urandom(2_000_000))
    assert (outcome.error, outcome.step) == (ErrorKind.CONNECTION_LOST, "upload")
    eventually(lambda: not agents_on(site, one[0]))
    assert said_by(site, one[0], f"ls -A {site.base} {site.base}/bundles").split() == [
        *(f"{site.base}:", ".p2ppool", "bundles", "node", f"{site.base}/bundles:"),
    ]
    [outcome] = site.install(one)
    assert outcome.ok, outcome.message


def test_a_host_that_stalls_in_the_middle_is_given_up(site):
    site.limits = replace(LIMITS, step_timeout=1)
    with faults.Proxy(site.fleet.addresses[0], stall_after=500_000) as proxy:
        [outcome] = site.install(targets_at([proxy.address]), ballast=os.urandom(5_000_000))
    assert (outcome.error, outcome.step) == (ErrorKind.STALLED, "upload")


def test_a_job_that_takes_too_long_in_all_is_ended(site):
    site.limits = replace(LIMITS, host_deadline=1)
    with faults.Proxy(site.fleet.addresses[0], bytes_per_second=100_000) as proxy:
        [outcome] = site.install(targets_at([proxy.address]), ballast=os.urandom(5_000_000))
    assert (outcome.error, outcome.step) == (ErrorKind.DEADLINE, "upload")


def test_a_bug_in_the_job_is_that_host_s_outcome_only(site):
    def job(connection):
        if connection.target.key == 1:
            raise KeyError("secret")
        return {}

    outcomes = site.run(job)
    assert kinds(outcomes) == [ErrorKind.INTERNAL, *[None] * (len(outcomes) - 1)]
    assert "secret" not in outcomes[0].message


def test_a_fault_of_one_host_keeps_its_facts(site):
    def job(connection):
        raise HostFault(ErrorKind.DISK_FULL, "tiny", {"free_kb": "0"})

    assert {(outcome.error, outcome.facts["free_kb"]) for outcome in site.run(job)} == {
        (ErrorKind.DISK_FULL, "0")
    }


def test_cancel_ends_64_uploads_in_flight_and_leaves_no_agent_there(site):
    targets = [replace(target, key=key) for key, target in enumerate((site.targets * 16)[:96])]
    site.limits = replace(LIMITS, workers=64)
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

    def cancel_when_64_are_in_flight():
        if all(in_flight.acquire(timeout=60) for _ in range(64)):
            cancelled_at.append(time.monotonic())
        site.cancel.cancel("stop of the pool")

    canceller = threading.Thread(target=cancel_when_64_are_in_flight)
    canceller.start()
    outcomes = site.run(upload_that_never_comes, targets)
    ended = time.monotonic()
    canceller.join()
    assert cancelled_at, outcomes
    assert ended - cancelled_at[0] < 5
    assert set(kinds(outcomes)) == {ErrorKind.CANCELLED}
    assert all("stop of the pool" in outcome.message for outcome in outcomes)
    assert sum(outcome.step == "session" for outcome in outcomes) == 64
    assert sum(not outcome.started for outcome in outcomes) == 32
    for target in site.targets:
        eventually(lambda target=target: not agents_on(site, target))
        said_by(site, target, f"rm -r {site.base}")
