"""When a fan-out has failed too often."""

import pytest

from p2ppool.cancel import CancelToken
from p2ppool.fleet.fan_out.failure_limit import NO_LIMIT, FailureCounter, FailureLimit
from p2ppool.fleet.host.outcome import ErrorKind, HostOutcome
from p2ppool.fleet.host.target import Target

HOST = Target(key=1, name="h", address="192.0.2.1", port=22, host_key=None)


def outcomes(*kinds):
    return [HostOutcome(HOST, kind, "", "connect", 1.0) for kind in kinds]


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        (FailureLimit(10, 50), 5),
        (FailureLimit(10, 0), 0),
        (FailureLimit(3, 50), 1),
        (FailureLimit(10, 50, count=2), 2),
        (FailureLimit(10, 10, count=2), 1),
        (FailureLimit(10, 100), 10),
    ],
)
def test_so_many_may_fail_and_no_more(limit, allowed):
    assert not limit.exceeded(allowed)
    assert limit.exceeded(allowed + 1)


def test_it_counts_over_several_fan_outs_and_unreachable_hosts_too():
    failures = FailureCounter(FailureLimit(4, 100, count=1), CancelToken())
    failures.count(outcomes(None, ErrorKind.UNREACHABLE, ErrorKind.CANCELLED))
    assert not failures.cancel.cancelled
    failures.count(outcomes(ErrorKind.START_FAILED))
    assert failures.cancel.reason == "more than 1 hosts or 100 % of 4 hosts failed"


def test_a_cancel_from_outside_ends_it_too():
    outer = CancelToken()
    failures = FailureCounter(NO_LIMIT, outer)
    failures.count(outcomes(*[ErrorKind.REFUSED] * 99))
    assert not failures.cancel.cancelled
    outer.cancel("preempted")
    assert failures.cancel.reason == "preempted"
