"""Measuring hosts: during a crawl, or over the connection of another step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.cancel import CancelToken
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.host_stats import PREFIX
from p2ppool.fleet.agent.verbs import FolderRequest
from p2ppool.fleet.host.outcome import FOUND_ON_HOST, HostFault
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.recording.host_samples import keep_samples
from tasks.support.fan_out import on_hosts
from tasks.support.folder import folder_request
from tasks.support.pool import pool_of

_GRACE: Final = 10.0  # seconds that hosts have after the crawl


@contextmanager
def hosts_sampled(held: HeldTurn) -> Iterator[None]:
    """Measure the hosts while the body runs; soon after it, those that have not answered are skipped."""
    enough = CancelToken()
    unregister = held.cancel.on_cancel(lambda: enough.cancel(held.cancel.reason))
    sampling = sample_hosts.submit(held, enough)
    try:
        yield
        sampling.wait(_GRACE)
    finally:
        enough.cancel("the crawl has ended")
        sampling.wait()
        unregister()


@task(name="sample the hosts", cache_policy=NO_CACHE)
def sample_hosts(held: HeldTurn, enough: CancelToken) -> None:
    """Measure each host and store the result; a host that does not answer is left out.

    Raises:
        UserError: the pool's key can't be unsealed.
        TurnLost: the turn is somebody else's now; nothing more was stored.
    """
    pool = pool_of(held.turn)
    folder = folder_request(held, pool)
    new = any(
        host.facts_at is None for host in pool.hosts
    )  # versions change rarely: a check looks at them too
    outcomes = on_hosts(
        held, pool, lambda host: measure(host, folder, programs=new), keep=keep_samples, beside=enough
    )
    measured = sum(outcome.ok for outcome in outcomes)
    get_run_logger().info("measured %d of %d hosts", measured, len(outcomes))


def measure(connection: Connection, folder: FolderRequest, *, programs: bool = True) -> dict[str, str]:
    """Return a host's measurements, each fact with the prefix `PREFIX`; empty if it can't measure."""
    try:
        measured = verbs.stats(connection, folder, programs=programs)
    except HostFault as fault:
        if fault.kind in FOUND_ON_HOST:
            return {}
        raise
    return {f"{PREFIX}{name}": value for name, value in measured.items()}


@contextmanager
def adding(facts: Mapping[str, str]) -> Iterator[None]:
    """Keep facts about a host even if the rest of the work on it fails."""
    try:
        yield
    except HostFault as fault:
        fault.facts = {**facts, **fault.facts}
        raise
