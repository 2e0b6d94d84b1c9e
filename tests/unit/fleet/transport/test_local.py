"""The manager's own machine among the hosts of a fan-out: the same job, the same outcomes, no SSH."""

import threading

import paramiko
import pytest

from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.login import Login
from tests.lab.hosts import faults
from tests.lab.waiting import eventually
from tests.unit.fleet.bundles import folder_request, install_request
from tests.unit.fleet.processes import nodes_in

pytestmark = pytest.mark.usefixtures("quick")
LOGIN = Login("p2p", paramiko.ECDSAKey.generate())
HERE = Target(key=1, name="manager", address="127.0.0.9", port=22, host_key=None, is_manager=True)


def run(job, *targets, cancel=None, **limits):
    return fan_out([HERE, *targets], job, LOGIN, FleetLimits(**limits), cancel or CancelToken())


def test_it_is_installed_checked_and_removed_beside_a_host_that_is_down(base):
    request = install_request(base, "echo $P2PPOOL_HOST_ADDRESS >address; exec sleep 1000")
    with faults.refused() as (address, port):
        down = Target(key=2, name="down", address=address, port=port, host_key=None)
        outcomes = run(lambda connection: verbs.install(connection, request), down)
    assert [outcome.error for outcome in outcomes] == [None, ErrorKind.REFUSED], outcomes
    assert (outcomes[0].facts["changed"], outcomes[0].host_key, outcomes[0].target) == ("yes", None, HERE)
    assert (base / "node/address").read_text() == "127.0.0.9\n"
    [checked] = run(lambda connection: verbs.check(connection, folder_request(base)))
    assert checked.facts["running"] == "yes"
    [removed] = run(lambda connection: verbs.remove(connection, folder_request(base)))
    assert removed.ok
    assert not base.exists()


def upload_that_never_comes(base, begun):
    def job(connection):
        with connection.session(verbs.SHELL) as session:
            session.send(verbs.invocation("install", folder_request(base), 600, "0" * 64, 1_000_000, "sh"))
            for line in session.lines():
                if line == "@p2ppool need":
                    begun.set()
        return {}

    return job


def test_a_cancel_ends_what_runs_there(base):
    cancel, begun = CancelToken(), threading.Event()
    threading.Thread(target=lambda: begun.wait(30) and cancel.cancel("stop of the pool")).start()
    [outcome] = run(upload_that_never_comes(base, begun), cancel=cancel)
    assert outcome.error is ErrorKind.CANCELLED
    assert "stop of the pool" in outcome.message
    eventually(lambda: not nodes_in(base) and not list(base.glob(".part.*")))


def test_its_time_ends_as_any_host_s(base):
    [outcome] = run(upload_that_never_comes(base, threading.Event()), host_deadline=0.5)
    assert outcome.error is ErrorKind.DEADLINE
