"""The steps on the hosts of a pool: each uses one verb of the agent, under the fence of the turn."""

from collections.abc import Mapping, Sequence

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.fleet.agent import verbs
from p2ppool.fleet.agent.verbs import InstallRequest
from p2ppool.fleet.fan_out.host_job import Job
from p2ppool.fleet.host.outcome import HostFault, HostOutcome
from p2ppool.fleet.transport.connection import Connection
from p2ppool.pools.recording import results
from p2ppool.pools.rollout import verification
from p2ppool.pools.rollout.bundles import install_request
from p2ppool.pools.rollout.verification import ExpectedState, facts_of_preflight_failure
from p2ppool.records.repairs import REPAIRED
from p2ppool.settings import settings
from p2ppool.store.models import Host, Pool
from tasks.late_ends import check_again
from tasks.sampling import adding, measure
from tasks.support.database import write_in_turn
from tasks.support.fan_out import on_hosts
from tasks.support.folder import folder_request, uninstall_from
from tasks.support.pool import pool_of


@task(name="install on the hosts", cache_policy=NO_CACHE)
def install_on_hosts(held: HeldTurn) -> list[HostOutcome]:
    """Install, start and verify the pool's software; hosts that already run it are left alone.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    touch(held, pool.hosts)
    return check_again(held, pool, on_hosts(held, pool, installing(held, pool)))


@task(name="check the hosts", cache_policy=NO_CACHE)
def check_hosts(held: HeldTurn) -> list[HostOutcome]:
    """Check that exactly one process of the right software runs, and repair where not.

    The outcome's fact `repaired` tells what was wrong; a host without it was in order.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    request, install = install_request(pool, held.fence, settings()), installing(held, pool)
    expected = _expected(pool, request)
    addresses = {host.address for host in pool.hosts}
    touch(held, pool.hosts)

    def check(connection: Connection) -> Mapping[str, str]:
        measured = measure(connection, request)
        with adding(measured):
            found = verbs.check(connection, request)
            verification.require_own_folder(found, connection.target.address, addresses)
            if wrong := verification.repair_needed(found, expected):
                _stop_misconfigured(connection, request, found)
                return {**measured, **install(connection), REPAIRED: wrong}
        return measured | {name: value for name, value in found.items() if name != REPAIRED}

    outcomes = check_again(held, pool, on_hosts(held, pool, check))
    for outcome in outcomes:
        if repaired := outcome.facts.get(REPAIRED):
            get_run_logger().warning("%s: repaired: %s", outcome.target.name, repaired)
    return outcomes


@task(name="verify the hosts", cache_policy=NO_CACHE)
def verify_hosts(held: HeldTurn) -> list[HostOutcome]:
    """Verify each host's installation, point by point, and change nothing.

    Raises:
        UserError: the package or the key can't be read any more.
    """
    pool = pool_of(held.turn)
    request = install_request(pool, held.fence, settings())
    expected = _expected(pool, request)
    addresses = {host.address for host in pool.hosts}

    def verify(connection: Connection) -> Mapping[str, str]:
        measured = measure(connection, request)
        with adding(measured):
            found = verbs.check(connection, request)
            verification.require_own_folder(found, connection.target.address, addresses)
            preflight_failure = _preflight_failure(connection, request)
        points = verification.check_points(found, expected)
        facts = {
            **measured,
            **found,
            **verification.facts_of(points),
            **facts_of_preflight_failure(preflight_failure),
        }
        verification.judge(points, facts, preflight_failure)
        return facts

    return on_hosts(held, pool, verify)


@task(name="stop the nodes on the hosts", cache_policy=NO_CACHE)
def stop_hosts(held: HeldTurn) -> list[HostOutcome]:
    """Stop the nodes, and keep everything installed.

    Raises:
        UserError: the key can't be read any more.
    """
    pool = pool_of(held.turn)
    touch(held, pool.hosts)
    return on_hosts(held, pool, lambda connection: verbs.stop(connection, folder_request(held, pool)))


@task(name="uninstall on the hosts", cache_policy=NO_CACHE)
def uninstall_hosts(held: HeldTurn) -> list[HostOutcome]:
    """Stop the nodes and remove the software; only the fence stays, against an action that hangs.

    Raises:
        UserError: the key can't be read any more.
    """
    pool = pool_of(held.turn)
    touch(held, pool.hosts)  # also where nothing was ever installed, a fence stays
    return on_hosts(held, pool, uninstall_from(folder_request(held, pool)))


def installing(held: HeldTurn, pool: Pool) -> Job:
    """Build the job that makes a host run this pool's version.

    Raises:
        UserError: the package can't be read any more.
    """
    request = install_request(pool, held.fence, settings())
    package = f"{pool.package.name}@{pool.package.version}"
    return lambda connection: {**verbs.install(connection, request), "package": package}


def _expected(pool: Pool, request: InstallRequest) -> ExpectedState:
    return ExpectedState(pool=pool.token, namespace=pool.namespace, digest=request.digest)


def touch(held: HeldTurn, hosts: Sequence[Host]) -> None:
    """Record, before contacting them, that something of the pool may be on these hosts.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was written.
    """
    write_in_turn(held.turn, lambda work: results.touch(work.session, hosts))


def _preflight_failure(connection: Connection, request: InstallRequest) -> HostFault | None:
    """Return what prevents a node from running or joining there."""
    try:
        verbs.preflight(connection, request)
    except HostFault as fault:
        if fault.kind in verification.CAUSES:
            return fault
        raise
    return None


def _stop_misconfigured(connection: Connection, request: InstallRequest, found: Mapping[str, str]) -> None:
    """Stop a node of the right version with a wrong config, because an install would leave it alone."""
    if found.get("running") == "yes" and found.get("digest") == request.digest:
        verbs.preflight(connection, request)  # a misconfigured node is better than none
        verbs.stop(connection, request)
