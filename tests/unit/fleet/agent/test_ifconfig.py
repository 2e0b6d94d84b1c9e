"""A bundle may bring a script that Brunet starts in the place of ifconfig."""

import hashlib
from dataclasses import replace

import pytest

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from tests.unit.fleet.agent.test_preflight import NEW, OLD, ifconfig  # noqa: F401 - a fixture
from tests.unit.fleet.bundles import CONFIG, archive_of, folder_request, install_request

pytestmark = pytest.mark.slow
STAYS = b"#!/bin/sh\nexec sleep 1000\n"
PRINTS = b"#!/bin/sh\necho the addresses\n"


@pytest.fixture
def mounts(tmp_path, monkeypatch):
    """Writes what the agent takes for /proc/mounts."""
    path = tmp_path / "mounts"
    script = verbs.script()
    assert "/proc/mounts" in script
    monkeypatch.setattr(verbs, "script", lambda: script.replace("/proc/mounts", str(path)))
    return lambda *lines: path.write_text("".join(f"{line}\n" for line in lines))


def bringing(base):
    data = archive_of(
        ("start", STAYS, 0o755), ("node.config", CONFIG.encode(), 0o600), ("ifconfig", PRINTS, 0o755)
    )
    digest = hashlib.sha256(data).hexdigest()
    request = install_request(base)
    return replace(request, bundle=data, digest=digest, needs_ifconfig=True, brings_ifconfig=True)


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("prints", [None, NEW, OLD])
def test_it_lies_in_the_node_s_folder_whatever_ifconfig_there_is(host, base, ifconfig, prints):  # noqa: F811
    if prints:
        ifconfig(prints)
    verbs.install(host, bringing(base))
    placed = base / "node/.p2pifconfig"
    assert (placed.read_bytes(), placed.stat().st_mode & 0o777) == (PRINTS, 0o700)
    verbs.stop(host, folder_request(base))
    placed.unlink()
    verbs.start(host, folder_request(base))
    assert placed.read_bytes() == PRINTS
    verbs.install(host, install_request(base))
    assert not placed.exists()
    verbs.forget(host, folder_request(base))
    assert not base.exists()


@pytest.mark.usefixtures("shell")
def test_where_nothing_can_be_executed_only_an_old_ifconfig_will_do(host, base, ifconfig, mounts, tmp_path):  # noqa: F811
    mounts("x / ext4 rw,relatime 0 0", f"x {tmp_path} tmpfs rw,noexec 0 0", "x /proc proc rw,noexec 0 0")
    for prints, kind in ((None, ErrorKind.NO_IFCONFIG), (NEW, ErrorKind.UNREADABLE_IFCONFIG)):
        if prints:
            ifconfig(prints)
        with pytest.raises(HostFault, match=r"noexec") as raised:
            verbs.install(host, bringing(base))
        assert raised.value.kind is kind
        assert not base.exists()
    ifconfig(OLD)
    verbs.install(host, bringing(base))
    assert (base / "node/.p2pifconfig").readlink() == tmp_path / "ifconfig"


@pytest.mark.usefixtures("shell")
def test_a_noexec_disk_elsewhere_does_not_count(host, base, ifconfig, mounts, tmp_path):  # noqa: F811
    mounts("x / ext4 rw,noexec 0 0", f"x {tmp_path} ext4 rw 0 0", f"x {tmp_path}/bas tmpfs rw,noexec 0 0")
    verbs.install(host, bringing(base))
