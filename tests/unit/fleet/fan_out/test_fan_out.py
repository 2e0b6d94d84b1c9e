"""One outcome for every target, whatever happens. These hosts are mere sockets; tests/e2e has real ones."""

import threading
from contextlib import ExitStack

import paramiko
import pytest

from p2ppool.cancel import CancelToken
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.fan_out.in_progress import InProgress
from p2ppool.fleet.host.limits import FleetLimits
from p2ppool.fleet.host.outcome import ErrorKind
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport import routes
from p2ppool.fleet.transport.dial import Dialer
from p2ppool.fleet.transport.login import Login
from tests.lab.hosts import faults

LIMITS = FleetLimits(workers=4, connect_timeout=0.5, banner_timeout=0.5, auth_timeout=0.5)
LOGIN = Login("p2p", paramiko.ECDSAKey.generate())


def targets_at(addresses):
    return [
        Target(key=number, name=f"host{number}", address=address[0], port=address[1], host_key=None)
        for number, address in enumerate(addresses)
    ]


def run(targets, cancel=None, **what):
    return fan_out(targets, never, LOGIN, LIMITS, cancel or CancelToken(), **what)


def never(connection):
    pytest.fail("no host here lets anybody in")


@pytest.fixture
def addresses():
    """Where nobody gets far: (address, kind of error), in turn."""
    with ExitStack() as stack:
        yield [
            (stack.enter_context(faults.refused()), ErrorKind.REFUSED),
            (stack.enter_context(faults.Banner()).address, ErrorKind.SILENT),
            (("no address", 22), ErrorKind.UNRESOLVED),
            (stack.enter_context(faults.swallowed()), ErrorKind.TIMEOUT),
            (stack.enter_context(faults.Banner(b"220 hello\r\n")).address, ErrorKind.NOT_SSH),
            (stack.enter_context(faults.Banner(b"SSH-2.0-x\r\n")).address, ErrorKind.STALLED),
            (
                stack.enter_context(faults.Banner(b"SSH-2.0-x\r\nrubbish\r\n" * 9)).address,
                ErrorKind.HANDSHAKE,
            ),
        ]


def test_nobody_is_an_empty_list():
    assert run([]) == []


def test_every_target_has_its_own_outcome_in_the_order_given(addresses):
    targets = targets_at([address for address, _ in addresses] * 5)
    outcomes = run(targets)
    assert [outcome.target for outcome in outcomes] == targets
    assert [outcome.error for outcome in outcomes] == [kind for _, kind in addresses] * 5
    assert {outcome.step for outcome in outcomes} == {"connect", "handshake"}


def test_outcomes_are_reported_as_they_come_in_the_caller_s_thread(addresses):
    told = []
    outcomes = run(
        targets_at([address for address, _ in addresses]),
        on_outcome=lambda outcome: told.append((outcome, threading.current_thread())),
    )
    assert {thread for _, thread in told} == {threading.current_thread()}
    assert sorted((outcome for outcome, _ in told), key=lambda outcome: outcome.target.key) == outcomes


def test_what_the_listener_raises_is_passed_on_and_nothing_is_left_running(addresses):
    before = set(threading.enumerate())

    def raises(outcome):
        raise LookupError(outcome.target.name)

    with pytest.raises(LookupError):
        run(targets_at([address for address, _ in addresses] * 3), on_outcome=raises)
    assert {thread for thread in threading.enumerate() if thread.name.startswith("fleet")} <= before


def test_who_is_cancelled_before_the_start_starts_nothing(addresses):
    cancel = CancelToken()
    cancel.cancel("stop of the pool")
    outcomes = run(targets_at([address for address, _ in addresses]), cancel)
    assert {(outcome.error, outcome.started) for outcome in outcomes} == {(ErrorKind.CANCELLED, False)}
    assert "not started: stop of the pool" in outcomes[0].message


def test_a_cancel_distinguishes_the_waiting_the_dialled_and_the_done():
    """Two workers' worth of hosts is dialled ahead; the rest waits."""
    cancel, in_progress, looks = CancelToken(), InProgress(), []

    def look_and_cancel(outcome):
        looks.append(in_progress.current())
        cancel.cancel(f"after {outcome.target.name}")

    with faults.refused() as refused, faults.Banner() as silent:
        targets = targets_at([refused] + [silent.address] * 40)
        outcomes = run(targets, cancel, on_outcome=look_and_cancel, in_progress=in_progress)
    assert outcomes[0].error is ErrorKind.REFUSED
    assert {outcome.error for outcome in outcomes[1:]} == {ErrorKind.CANCELLED}
    started = [outcome for outcome in outcomes[1:] if outcome.started]
    assert 0 < len(started) < 40
    assert all(outcome.step == "connect" and "not started" not in outcome.message for outcome in started)
    assert all("after host0" in outcome.message for outcome in outcomes[1:])
    assert set(looks[0]) == {outcome.target.key for outcome in started}
    assert (looks[-1], in_progress.current()) == ({}, {})


def test_no_more_are_dialled_at_a_time_than_allowed(monkeypatch):
    at_a_time = []

    class Counted(Dialer):
        def poll(self, timeout):
            at_a_time.append(self.in_flight)
            return super().poll(timeout)

    monkeypatch.setattr(routes, "Dialer", Counted)
    limits = FleetLimits(connecting=3, banner_timeout=0.2)
    with faults.Banner() as silent:
        outcomes = fan_out(targets_at([silent.address] * 9), never, LOGIN, limits, CancelToken())
    assert [outcome.error for outcome in outcomes] == [ErrorKind.SILENT] * 9
    assert max(at_a_time) == 3


def test_a_login_does_not_print_its_key():
    assert repr(LOGIN) == "Login(user='p2p')"
