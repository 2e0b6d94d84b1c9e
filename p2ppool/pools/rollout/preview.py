"""Previews what installing a pool's version would do on a host; nothing is changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.verbs import FolderRequest, InstallRequest
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.outcome import ErrorKind, HostFault, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.connection import Connection
from p2ppool.fleet.transport.login import Login
from p2ppool.keys.keyring import load_key
from p2ppool.pools.definition.limits import fleet_limits
from p2ppool.pools.definition.registry import Prepared, register
from p2ppool.pools.recording import results
from p2ppool.pools.rollout.bundles import install_request
from p2ppool.settings import Settings
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault_key import open_vault

_SHORT = 12  # characters of a digest that are enough for people to compare
_NOTHING = "nothing"


def preview_host(connection: Connection, request: InstallRequest) -> Mapping[str, str]:
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


@dataclass(frozen=True)
class Preview:
    """A pool that does not exist yet: its targets, its login, and what would be installed."""

    targets: list[Target]
    login: Login
    request: InstallRequest


def prepare_preview(work: UnitOfWork, prepared: Prepared, config: Settings) -> Preview:
    """Collect everything that creating the pool would need; the caller does not commit.

    Raises:
        UserError: the errors of creating the pool.
    """
    pool = register(work, prepared, config.local_node_address)
    key = load_key(work, open_vault(work.session, config), prepared.ssh_key.name)
    return Preview(results.targets_of(pool), Login(pool.ssh_user, key), install_request(pool, 0, config))


def preview(found: Preview, config: Settings, cancel: CancelToken) -> list[HostOutcome]:
    """Check every host; the fact `would` of each successful outcome says what creating the pool would do."""
    return fan_out(
        found.targets,
        lambda connection: preview_host(connection, found.request),
        found.login,
        fleet_limits(config),
        cancel,
    )
