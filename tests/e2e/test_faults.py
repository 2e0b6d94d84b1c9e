"""Hosts that fail, each in its own way, on real sshd: each has its own line, and the others are installed."""

from contextlib import ExitStack

import pytest

from tests.lab.hosts.faults import Proxy

# Real sshd only: some of these faults need a host of its own.
pytestmark = [pytest.mark.root, pytest.mark.parametrize("fleet", ["sshd"], indirect=True, scope="session")]

POOL = "faulty"


def results(manager, pool=POOL):
    return {host["address"]: (host["result"], host["message"]) for host in manager.status(pool)["hosts"]}


@pytest.fixture(scope="module")
def cut(sshd_fleet):
    """A host whose connection breaks in the middle of the upload."""
    with Proxy(sshd_fleet.addresses[5], cut_after=60_000) as proxy:
        yield proxy.address


def test_each_failing_host_has_its_own_line_and_the_pool_is_usable(manager, sshd_fleet, create, cut):
    sound, refusing, swallowing, keyless, full, _ = sshd_fleet.hosts
    addresses = [*sshd_fleet.addresses[:5], cut]
    with ExitStack() as faults:
        faults.enter_context(refusing.refused())
        faults.enter_context(swallowing.swallowed())
        faults.enter_context(keyless.auth_refused())
        faults.enter_context(full.disk_full(sshd_fleet.home))
        created = create(POOL, addresses)

    assert created["outcome"] == "partial", created
    assert created["message"].startswith("installed on 1 of 6 hosts")
    kinds = {address: kind for address, (kind, _) in results(manager).items()}
    assert kinds == {
        f"{sound.address}:22": "done",
        f"{refusing.address}:22": "refused",
        f"{swallowing.address}:22": "timeout",
        f"{keyless.address}:22": "auth_refused",
        f"{full.address}:22": "disk_full",
        f"{cut[0]}:{cut[1]}": "connection_lost",
    }
    assert all("\n" not in message for _, message in results(manager).values())
    manager.crawl_until(POOL, lambda snapshot: (snapshot["answered"], snapshot["consistency"]) == (2, 1.0))
    assert manager.prefect_state(created["run"])[:2] == ("COMPLETED", "Partial")


def test_a_second_create_brings_in_the_hosts_that_were_repaired(manager, sshd_fleet, create, cut):
    again = create(POOL, [*sshd_fleet.addresses[:5], cut])
    assert (again["outcome"], again["message"].split(" (")[0]) == ("partial", "installed on 5 of 6 hosts")


def test_a_changed_host_key_is_refused_with_both_fingerprints(manager, sshd_fleet, create, cut):
    changed = sshd_fleet.hosts[1]
    with changed.other_host_keys():
        create(POOL, [*sshd_fleet.addresses[:5], cut])
        kind, message = results(manager)[f"{changed.address}:22"]
    assert kind == "host_key_changed"
    assert message.count("SHA256:") == 2
