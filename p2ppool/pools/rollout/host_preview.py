"""Previews what installing a pool's version would do on a host; nothing is changed."""

from collections.abc import Mapping

from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.verbs import FolderRequest, InstallRequest
from p2ppool.fleet.host.outcome import ErrorKind, HostFault
from p2ppool.fleet.transport.session import AgentConnection

_SHORT = 12  # characters of a digest that are enough for people to compare
_NOTHING = "nothing"


def preview_host(connection: AgentConnection, request: InstallRequest) -> Mapping[str, str]:
    """Return the fact `would`: what `agent.install` would do with that request.

    Raises:
        HostFault: the install would be refused, or a node would not find what it needs there.
    """
    folder = FolderRequest(base=request.base, pool=request.pool, fence=request.fence, manager=request.manager)
    would = would_do(verbs.check(connection, folder), request.pool, request.digest)
    if not would.startswith(_NOTHING):
        verbs.preflight(connection, request)
    return {"would": would}


def would_do(found: Mapping[str, str], pool: str, digest: str) -> str:
    """Describe the change, given the facts of the agent's check.

    Raises:
        HostFault: the install would be refused there.
    """
    if found.get("folder") == "other" or found.get("pool", pool) != pool:
        raise HostFault(ErrorKind.WRONG_POOL, f"it belongs to pool {found.get('pool', '')}")
    there = found.get("digest", "")
    if not there:
        return f"install {digest[:_SHORT]}"
    if there != digest:
        return f"replace {there[:_SHORT]} by {digest[:_SHORT]}"
    return f"{_NOTHING}: it runs {digest[:_SHORT]}" if found.get("running") == "yes" else "start it"
