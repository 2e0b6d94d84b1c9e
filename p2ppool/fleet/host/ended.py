"""The fault of a node that has ended by itself, from what the agent's check has read."""

from collections.abc import Mapping

from p2ppool.fleet.host.outcome import ErrorKind, HostFault


def ended(found: Mapping[str, str], facts: Mapping[str, str] | None = None) -> HostFault:
    """Build the fault from the facts of the check; `facts` are those that the outcome keeps."""
    try:
        kind = ErrorKind(found.get("cause", ""))
    except ValueError:
        kind = ErrorKind.START_FAILED
    return HostFault(kind, found.get("words", ""), facts)
