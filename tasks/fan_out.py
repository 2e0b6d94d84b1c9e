"""One job on the hosts of a pool, with results in the database as they come."""

import queue

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.exceptions import PrefectException

from p2ppool.actions import turns
from p2ppool.actions.holding import Holding
from p2ppool.fleet.fanout import fan_out
from p2ppool.fleet.login import Login
from p2ppool.fleet.outcome import HostOutcome
from p2ppool.fleet.target import Target
from p2ppool.fleet.visit import Job
from p2ppool.keys.keyring import load_key
from p2ppool.pools import results
from p2ppool.pools.limits import fleet_limits
from p2ppool.reports.retries import done_by, ticket_of
from p2ppool.settings import settings
from p2ppool.store.engine import the_engine
from p2ppool.store.models import Pool, Ticket
from p2ppool.store.unit_of_work import UnitOfWork, patiently, reading
from p2ppool.store.vault import Vault
from tasks.progress import Progress, link_to_page
from tasks.watched import watched


def on_hosts(held: Holding, pool: Pool, job: Job) -> list[HostOutcome]:
    """Run `job` on the pool's hosts, or on those of a retry; each outcome is stored within a second.

    Raises:
        UserError: the pool's key can't be unsealed, or there is no such ticket to retry.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    targets, login = _targets(held, pool), _login(pool)
    link_to_page(pool.name)
    finished: queue.SimpleQueue[HostOutcome] = queue.SimpleQueue()
    progress = Progress(held.turn, len(targets), "hosts")
    outcomes = watched(
        lambda: fan_out(targets, job, login, fleet_limits(settings()), held.cancel, finished.put),
        lambda: progress.advance(_flush(held, finished)),
        held.cancel,
    )
    _describe(outcomes)
    return outcomes


def _targets(held: Holding, pool: Pool) -> list[Target]:
    """All hosts; in a retry those that failed then or were never started.

    Raises:
        UserError: the pool has no ticket of the number to retry.
    """
    with reading(the_engine()) as work:
        number = work.session.get_one(Ticket, held.turn.ticket_id).retry_of
        done = done_by(work.session, ticket_of(work.session, pool, number)) if number else set()
    return [target for target in results.targets_of(pool) if target.key not in done]


def _login(pool: Pool) -> Login:
    with reading(the_engine()) as work:
        key = load_key(work, Vault.open(settings().data_folder, settings().vault_key), pool.ssh_key.name)
    return Login(pool.ssh_user, key)


def _flush(held: Holding, finished: "queue.SimpleQueue[HostOutcome]") -> int:
    """Store what has come in; how many that were."""
    batch = []
    while not finished.empty():
        batch.append(finished.get())
    if batch:
        patiently(lambda: _keep(held, batch), settings().turn_lease)
    logger = get_run_logger()
    for outcome in batch:
        if outcome.error:
            logger.warning("%s: %s (%s)", outcome.target.name, outcome.message, outcome.step)
    return len(batch)


def _keep(held: Holding, batch: list[HostOutcome]) -> None:
    with UnitOfWork(the_engine()) as work:
        turns.require(work.session, held.turn)
        results.keep(work.session, held.turn.ticket_id, batch)
        work.commit()


def _describe(outcomes: list[HostOutcome]) -> None:
    try:
        create_table_artifact(
            key="hosts",
            description="How it went on each host",
            table=[
                {
                    "host": outcome.target.name,
                    "result": outcome.error or "done",
                    "step": outcome.step,
                    "message": outcome.message,
                    "seconds": round(outcome.seconds, 2),
                }
                for outcome in outcomes
            ],
        )
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the Prefect server takes no table of hosts: %s", error)
