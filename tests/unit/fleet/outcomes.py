"""Outcomes of hosts as a fan-out gives them."""

from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome


def good_outcome(target, **facts):
    """It went well."""
    return HostOutcome(target, None, "", "start", 1.0, facts=facts)


def cancelled_outcome(target, step="upload"):
    """It was cut off in that step; without one it was never started."""
    return HostOutcome(target, ErrorKind.CANCELLED, str(HostFault(ErrorKind.CANCELLED)), step, 1.0)
