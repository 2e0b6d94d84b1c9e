"""A program for mono on hosts with a real sshd where no mono can be found: its pool brings one along."""

import hashlib
import re
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.runtime_archive import RuntimeArchive
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.software.bundle.bundle import build_bundle
from p2ppool.software.bundle.node_config import PoolNetwork, host_config
from tests.e2e.test_fleet import LIMITS, Site, login_of, targets_at
from tests.unit.fleet.bundles import POOL, folder_request, install_request

pytestmark = pytest.mark.root


@pytest.fixture
def host(sshd_fleet):
    host = sshd_fleet.hosts[0]
    with host.without_mono():
        assert host.exec_root("command -v mono; find /usr/lib/mono /etc/mono -mindepth 1").stdout == ""
        yield host


@pytest.fixture
def site(sshd_fleet, ssh_key, host):
    """As in test_fleet, with the one host, and without mono."""
    site = Site(sshd_fleet, login_of(ssh_key.private_pem), "carried")
    site.limits = replace(LIMITS, step_timeout=60)
    yield site
    [removed] = on_host(site, verbs.remove, folder_request(site.base))
    assert removed.ok, removed.message
    assert host.files(f"{sshd_fleet.home}/carried") == []
    assert host.exec_root("ls -A /dev/shm").stdout == ""


@pytest.fixture
def carrying(site, mono_package, carried_mono):
    """The install of the package with this machine's mono."""
    digest = hashlib.sha256(carried_mono.data).hexdigest()
    carried = RuntimeArchive(digest=digest, data=carried_mono.data, machine=carried_mono.machine)
    return replace(bare(site, mono_package, digest), carried=carried)


def bare(site, package, runtime_digest=None):
    config = host_config(PoolNetwork("lab", 15000, None), ())
    bundle = build_bundle(package, config, runtime_digest=runtime_digest)
    return verbs.InstallRequest(
        base=site.base, pool=POOL, digest=bundle.digest, bundle=bundle.data, runtime=bundle.runtime
    )


def on_host(site, verb, request):
    return site.run(lambda connection: verb(connection, request), targets_at(site.fleet.addresses)[:1])


def test_it_runs_on_a_host_without_mono_by_files_of_the_install_path_alone(
    site, host, carrying, mono_package
):
    [refused] = on_host(site, verbs.install, bare(site, mono_package))
    assert refused.error is ErrorKind.MISSING_RUNTIME
    [installed] = on_host(site, verbs.install, carrying)
    assert installed.ok, installed.message
    [checked] = on_host(site, verbs.check, folder_request(site.base))
    assert checked.facts.items() >= {"digest": carrying.digest, "running": "yes", "processes": "1"}.items()
    folder, pid = f"{site.fleet.home}/carried", installed.facts["pid"]
    assert "<NodeAddress>" in host.exec_root(f"cat {folder}/node/node.config").stdout
    assert f"runs on {folder}/runtimes/" in host.exec_root(f"cat {folder}/node/node.log.*").stdout
    mapped = re.findall(r"^\S+ ..x. .*?(/.*)$", host.exec_root(f"cat /proc/{pid}/maps").stdout, re.MULTILINE)
    assert len(mapped) > 3
    assert [path for path in mapped if not path.startswith(f"{folder}/")] == []
    host.exec_root(f"kill -KILL {pid}")  # what it leaves then is looked for in the end


def test_where_nothing_can_be_executed_it_is_told_before_the_upload(site, host, carrying):
    with host.noexec(f"{site.fleet.home}/carried"):
        [outcome] = on_host(site, verbs.install, carrying)
        assert outcome.error is ErrorKind.UNFIT_RUNTIME
        assert f"nothing can be executed in {site.fleet.home}/carried" in outcome.message
        assert "runtime_upload" not in outcome.facts


@pytest.mark.parametrize(
    ("room_kib", "step"), [(2000, "upload runtime"), (25_000, "unpack runtime")], ids=["upload", "unpacking"]
)
def test_a_disk_without_room_for_it_keeps_what_ran(site, host, carrying, room_kib, step):
    with host.disk_full(f"{site.fleet.home}/disk", room_kib=room_kib):
        there = replace(carrying, base="disk/p2p")
        [before] = on_host(site, verbs.install, install_request(there.base))
        assert before.ok, before.message
        [full] = on_host(site, verbs.install, there)
        assert (full.error, full.step) == (ErrorKind.DISK_FULL, step)
        [now] = on_host(site, verbs.check, folder_request(there.base))
        assert (now.facts["running"], now.facts["digest"]) == ("yes", before.facts["digest"])
        assert on_host(site, verbs.remove, folder_request(there.base))[0].ok
