"""Fixtures for tests on real SSH hosts; each pytest worker has fleets of its own."""

import os
from dataclasses import dataclass, field

import pytest

from p2ppool.demo.hosts import DemoHosts
from tests.lab.database.postgres import postgres_server, postgres_url
from tests.lab.hosts.keys import SshKey
from tests.lab.hosts.mono import carried_mono, mono, mono_package
from tests.lab.hosts.namespaces import SshdFleet, why_no_sshd_fleet
from tests.lab.hosts.old_brunet import old_brunet_package
from tests.lab.skipping import skip_unless_ci

__all__ = [
    "carried_mono",
    "demo_hosts",
    "fleet",
    "mono",
    "mono_package",
    "old_brunet_package",
    "postgres_server",
    "postgres_url",
    "ssh_key",
    "sshd_fleet",
]

DEMO_COUNT = 8
SSHD_COUNT = 6


@dataclass(frozen=True)
class Fleet:
    """What tests may rely on, whichever kind the hosts are."""

    kind: str
    addresses: list[tuple[str, int]]
    user: str
    private_key: bytes = field(repr=False)
    # Relative to the user's home: /tmp is one and the same for all demo hosts.
    install_path: str = "p2p"


@pytest.fixture(scope="session")
def ssh_key():
    """The key pair that opens every host of the lab: `.private_pem` (bytes), `.public_line`."""
    return SshKey.generate()


@pytest.fixture(scope="session")
def demo_hosts(tmp_path_factory, ssh_key):
    """Eight demo hosts (`DemoHosts`), on addresses no other worker uses: nodes may use fixed ports."""
    folder = tmp_path_factory.mktemp("demo") / "hosts"
    key = ssh_key.public_line
    with DemoHosts(folder, DEMO_COUNT, authorized_key=key, port=0, first_address=own_address()) as hosts:
        yield hosts


@pytest.fixture(scope="session")
def sshd_fleet(ssh_key):
    """Six hosts with a real sshd (`SshdFleet`). Tests that ask for it carry `@pytest.mark.root`."""
    skip_unless_ci(why_no_sshd_fleet())
    with SshdFleet(SSHD_COUNT, ssh_key.public_line) as fleet:
        yield fleet


@pytest.fixture(scope="session", params=["demo", pytest.param("sshd", marks=pytest.mark.root)])
def fleet(request, ssh_key):
    """The same interface to either kind of hosts: a test that asks for it runs on both."""
    if request.param == "demo":
        pairs = [address.split(":") for address in request.getfixturevalue("demo_hosts").addresses]
        addresses = [(address, int(port)) for address, port in pairs]
    else:
        addresses = request.getfixturevalue("sshd_fleet").addresses
    return Fleet(request.param, addresses, "p2p", ssh_key.private_pem)


def own_address():
    """A loopback address that starts a block of 256 which no other live test process uses."""
    pid = os.getpid() % (64 * 256)
    return f"127.{64 + pid // 256}.{pid % 256}.1"
