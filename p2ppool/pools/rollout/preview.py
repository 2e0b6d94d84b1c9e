"""Previews what creating a pool would do on its hosts and here; nothing is changed."""

from dataclasses import dataclass

from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent.verbs import InstallRequest
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.host.outcome import HostFault, HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.login import Login
from p2ppool.keys.keyring import load_key
from p2ppool.pools.definition.limits import fleet_limits
from p2ppool.pools.definition.registry import Prepared, register
from p2ppool.pools.recording import results
from p2ppool.pools.rollout import local_node
from p2ppool.pools.rollout.bundles import install_request
from p2ppool.pools.rollout.host_preview import preview_host
from p2ppool.settings import Settings
from p2ppool.store.unit_of_work import UnitOfWork
from p2ppool.store.vault_key import open_vault


@dataclass(frozen=True)
class Preview:
    """A pool that does not exist yet: its targets, its login, and what would be installed."""

    targets: list[Target]
    login: Login
    request: InstallRequest
    local: InstallRequest
    """What would be installed as the local node."""


def prepare_preview(work: UnitOfWork, prepared: Prepared, config: Settings) -> Preview:
    """Collect everything that creating the pool would need; the caller does not commit.

    Raises:
        UserError: the errors of creating the pool.
    """
    pool = register(work, prepared, config.local_node_address)
    key = load_key(work, open_vault(work.session, config), prepared.ssh_key.name)
    return Preview(
        results.targets_of(pool),
        Login(pool.ssh_user, key),
        install_request(pool, 0, config),
        local_node.install_request(pool, config, 0),
    )


def preview(found: Preview, config: Settings, cancel: CancelToken) -> list[HostOutcome]:
    """Check every host; the fact `would` of each successful outcome says what creating the pool would do."""
    return fan_out(
        found.targets,
        lambda connection: preview_host(connection, found.request),
        found.login,
        fleet_limits(config),
        cancel,
    )


def preview_local_node(found: Preview, config: Settings, cancel: CancelToken) -> tuple[str, str]:
    """Check this machine, too; return the result in a word, and what starting the local node would do."""
    try:
        return "done", local_node.preview(found.local, config, cancel)["would"]
    except HostFault as fault:
        return fault.kind, str(fault)
