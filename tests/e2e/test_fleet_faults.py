"""What real hosts with OpenSSH do wrong: each its own error, and the others are installed all the same."""

import os
from contextlib import ExitStack
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind
from tests.e2e.test_fleet import LIMITS, Site, kinds, login_of, targets_at
from tests.unit.fleet.bundles import folder_request, install_request
from tests.unit.fleet.short_limits import make_quick

pytestmark = pytest.mark.root


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    make_quick(monkeypatch)


@pytest.fixture
def site(sshd_fleet, ssh_key):
    site = Site(sshd_fleet, login_of(ssh_key.private_pem), "disk/p2p")
    yield site
    site.limits = LIMITS
    assert kinds(site.each(verbs.remove)) == [None] * len(sshd_fleet.hosts)


def pinned(site):
    """The targets with the keys that the hosts have now."""
    return [replace(outcome.target, host_key=outcome.host_key) for outcome in site.each(verbs.probe)]


def test_five_hosts_fail_each_in_its_own_way_and_the_sixth_is_installed(site, sshd_fleet):
    hosts, targets = sshd_fleet.hosts, pinned(site)
    with ExitStack() as stack:
        stack.enter_context(hosts[0].refused())
        stack.enter_context(hosts[1].swallowed())
        stack.enter_context(hosts[2].silent())
        stack.enter_context(hosts[3].auth_refused())
        stack.enter_context(hosts[4].other_host_keys())
        outcomes = site.install(targets)
    assert kinds(outcomes) == [
        ErrorKind.REFUSED,
        ErrorKind.TIMEOUT,
        ErrorKind.SILENT,
        ErrorKind.AUTH_REFUSED,
        ErrorKind.HOST_KEY_CHANGED,
        None,
    ]
    assert [outcome.step for outcome in outcomes] == [*["connect"] * 3, "login", "handshake", "start"]
    assert len({outcome.message for outcome in outcomes}) == 6


def test_a_disk_from_which_nothing_can_be_executed_is_good_enough(site, sshd_fleet):
    with sshd_fleet.hosts[0].noexec(f"{sshd_fleet.home}/disk"):
        [outcome, *_] = site.install()
        assert outcome.ok, outcome.message
        assert site.each(verbs.stop)[0].ok


@pytest.mark.parametrize(
    ("room_kib", "step"),
    [(0, "install"), (100, "upload"), (2500, "unpack")],
    ids=["no room at all", "none for the upload", "none for unpacking"],
)
def test_a_full_disk_is_told_as_such_and_works_once_there_is_room(site, sshd_fleet, room_kib, step):
    ballast = os.urandom(2_000_000)
    folder = f"{sshd_fleet.home}/disk"
    with sshd_fleet.hosts[0].disk_full(folder, room_kib=room_kib):
        [first, *others] = site.install(ballast=ballast)
    assert (first.error, first.step) == (ErrorKind.DISK_FULL, step)
    assert kinds(others) == [None] * 5
    assert kinds(site.install(ballast=ballast)) == [None] * 6


def test_a_disk_that_is_full_at_an_upgrade_leaves_the_old_version_running(site, sshd_fleet):
    with sshd_fleet.hosts[0].disk_full(f"{sshd_fleet.home}/disk", room_kib=500):
        [before, *_] = site.install()
        assert before.ok, before.message
        [after, *_] = site.install(ballast=os.urandom(2_000_000))
        assert after.error is ErrorKind.DISK_FULL
        [now, *_] = site.each(verbs.check)
        assert (now.facts["running"], now.facts["digest"]) == ("yes", before.facts["digest"])
        assert site.each(verbs.stop)[0].ok


def test_a_folder_of_root_can_t_be_written(site, sshd_fleet):
    site.base = "/opt/p2p"
    assert {outcome.error for outcome in site.install()} == {ErrorKind.NOT_WRITABLE}
    sshd_fleet.hosts[0].exec_root("mkdir /opt/p2p")
    try:
        assert site.install()[0].error is ErrorKind.WRONG_POOL
    finally:
        sshd_fleet.hosts[0].exec_root("rmdir /opt/p2p")


def test_a_host_with_several_keys_is_known_by_any_of_them(site, sshd_fleet):
    """The second type of key was pinned by somebody else; the first one is no false alarm then."""
    shown = sshd_fleet.hosts[0].exec_root("cat /etc/ssh/ssh_host_ecdsa_key.pub").stdout
    target = replace(targets_at(sshd_fleet.addresses)[0], host_key=" ".join(shown.split()[:2]))
    [outcome] = site.run(lambda connection: verbs.probe(connection, folder_request(site.base)), [target])
    assert outcome.ok, outcome.message


def test_a_cable_that_is_pulled_in_the_middle_shows_within_seconds(site, sshd_fleet):
    def pull(connection):
        with connection.session("cat") as session, sshd_fleet.hosts[0].link_down():
            session.send(b"never heard")
            return {"said": "".join(session.lines())}

    site.limits = replace(site.limits, step_timeout=5)
    [outcome] = site.run(pull, site.targets[:1])
    assert outcome.error in {ErrorKind.CONNECTION_LOST, ErrorKind.STALLED}


OLD_IFCONFIG = "#!/bin/sh\necho '          inet addr:192.0.2.1  Bcast:192.0.2.255  Mask:255.255.255.0'"
NEW_IFCONFIG = "#!/bin/sh\necho '        inet 192.0.2.1  netmask 255.255.255.0  broadcast 192.0.2.255'"


def test_brunet_is_only_installed_where_it_can_read_the_host_s_addresses(site, sshd_fleet):
    site.base = "brunet"
    for host, prints in zip(sshd_fleet.hosts, (None, NEW_IFCONFIG, *[OLD_IFCONFIG] * 4), strict=True):
        host.exec_root("mkdir -p /run/kept; [ ! -e /sbin/ifconfig ] || mv /sbin/ifconfig /run/kept")
        if prints:
            host.exec_root(f'echo "{prints}" >/sbin/ifconfig; chmod 755 /sbin/ifconfig')
    request = replace(install_request(site.base), needs_ifconfig=True)
    try:
        outcomes = site.run(lambda connection: verbs.install(connection, request))
        left = [host.files(f"{sshd_fleet.home}/brunet") for host in sshd_fleet.hosts]
    finally:
        for host in sshd_fleet.hosts:
            host.exec_root("rm -f /sbin/ifconfig; [ ! -e /run/kept/ifconfig ] || mv /run/kept/ifconfig /sbin")
    assert kinds(outcomes) == [ErrorKind.NO_IFCONFIG, ErrorKind.UNREADABLE_IFCONFIG, *[None] * 4]
    assert "inet 192.0.2.1 netmask" in outcomes[1].message
    assert [bool(files) for files in left] == [False, False, *[True] * 4]
