"""Fixtures for tests on real SSH hosts; each pytest worker has fleets of its own."""

import os

import pytest

from p2ppool.demo.hosts import DemoHosts
from tests.lab.keys import SshKey

DEMO_COUNT = 8


@pytest.fixture(scope="session")
def ssh_key():
    """The key pair that opens every host of the lab: `.private_pem` (bytes), `.public_line`."""
    return SshKey.generate()


@pytest.fixture(scope="session")
def demo_hosts(tmp_path_factory, ssh_key):
    """Eight demo hosts (`DemoHosts`) on addresses that no other worker uses, so that nodes may use fixed ports."""
    folder = tmp_path_factory.mktemp("demo") / "hosts"
    with DemoHosts(
        folder, DEMO_COUNT, authorized_key=ssh_key.public_line, port=0, first_address=own_address()
    ) as hosts:
        yield hosts


def own_address():
    """A loopback address that starts a block of 256 which other live test processes don't use."""
    pid = os.getpid() % (64 * 256)
    return f"127.{64 + pid // 256}.{pid % 256}.1"
