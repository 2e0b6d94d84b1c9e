"""One job on the hosts of a pool, with results stored as they arrive."""

import queue
from collections.abc import Callable, Sequence

import httpx
from prefect import get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.exceptions import PrefectException
from sqlalchemy.orm import Session

from p2ppool.actions.held_turn import HeldTurn
from p2ppool.cancel import CancelToken
from p2ppool.fleet.fan_out.failure_limit import NO_LIMIT, FailureCounter
from p2ppool.fleet.fan_out.fan_out import fan_out
from p2ppool.fleet.fan_out.host_job import Job
from p2ppool.fleet.fan_out.in_progress import InProgress
from p2ppool.fleet.host.outcome import HostOutcome
from p2ppool.fleet.host.target import Target
from p2ppool.fleet.transport.login import Login
from p2ppool.keys.keyring import load_key
from p2ppool.pools.definition.limits import fleet_limits, sampling_limits
from p2ppool.pools.recording import results
from p2ppool.reports.actions.retries import done_by, ticket_of
from p2ppool.settings import settings
from p2ppool.store.models import Host, Pool, Ticket
from p2ppool.store.vault_key import open_vault
from tasks.support.database import read, write_in_turn
from tasks.support.fences import above_fences
from tasks.support.in_progress import ProgressWriter
from tasks.support.progress import Progress, link_to_page
from tasks.support.run_with_progress import run_with_progress

Keep = Callable[[Session, int, list[HostOutcome]], object]
"""Stores outcomes of a ticket; its caller commits."""


def on_hosts(
    held: HeldTurn,
    pool: Pool,
    job: Job,
    *,
    hosts: Sequence[Host] | None = None,
    failures: FailureCounter | None = None,
    progress: Progress | None = None,
    keep: Keep = results.keep,
    beside: CancelToken | None = None,
) -> list[HostOutcome]:
    """Run `job` on hosts of the pool; each outcome is stored within a second.

    Args:
        held: the turn.
        pool: with its current hosts.
        job: the work on each host.
        hosts: by default all members, in a retry those that failed then or were never started.
        failures: cancels the work when too many have failed; by default nothing does.
        progress: that of a larger step; by default one for these hosts, with their table.
        keep: stores outcomes.
        beside: for a step in parallel to another one of the run: cancels this one, which then shows no
            progress and soon gives up slow hosts.

    Raises:
        UserError: the pool's key can't be unsealed, or there is no such ticket to retry.
        TurnLost: the turn is somebody else's now; the work has ended.
    """
    targets = _targets(held, pool) if hosts is None else [results.target_of(host) for host in hosts]
    login = _login(pool)
    shown = progress if progress or beside else _alone(held, pool, len(targets))
    limits = (sampling_limits if beside else fleet_limits)(settings())
    finished: queue.SimpleQueue[HostOutcome] = queue.SimpleQueue()
    failures = failures or FailureCounter(NO_LIMIT, beside or held.cancel)
    in_progress, going_on = InProgress(), above_fences(held, job)
    progress_writer = None if beside else ProgressWriter(held, in_progress)

    def take_in() -> None:
        batch = _flush(held, finished, keep)
        failures.count(batch)
        if shown:
            shown.advance(len(batch))
        if progress_writer:
            progress_writer.write()

    outcomes = run_with_progress(
        lambda: fan_out(targets, going_on, login, limits, failures.cancel, finished.put, in_progress),
        take_in,
        failures.cancel,
    )
    if progress is None and beside is None:
        describe(outcomes)
    return outcomes


def _alone(held: HeldTurn, pool: Pool, hosts: int) -> Progress:
    link_to_page(pool.name)
    return Progress(held, hosts, "hosts")


def _targets(held: HeldTurn, pool: Pool) -> list[Target]:
    """List all hosts; in a retry those that failed then or were never started.

    Raises:
        UserError: the pool has no ticket of the number to retry.
    """
    done = read(lambda work: _done_before(work.session, pool, held.turn.ticket_id))
    return [target for target in results.targets_of(pool) if target.key not in done]


def _done_before(session: Session, pool: Pool, ticket_id: int) -> set[int]:
    number = session.get_one(Ticket, ticket_id).retry_of
    return done_by(session, ticket_of(session, pool, number)) if number else set()


def _login(pool: Pool) -> Login:
    key = read(lambda work: load_key(work, open_vault(work.session, settings()), pool.ssh_key.name))
    return Login(pool.ssh_user, key)


def _flush(held: HeldTurn, finished: "queue.SimpleQueue[HostOutcome]", keep: Keep) -> list[HostOutcome]:
    """Store the outcomes that have arrived."""
    batch = []
    while not finished.empty():
        batch.append(finished.get())
    if batch:
        store(held, batch, keep)
    logger = get_run_logger()
    for outcome in batch:
        if outcome.error:
            logger.warning("%s: %s (%s)", outcome.target.name, outcome.message, outcome.step)
    return batch


def store(held: HeldTurn, batch: list[HostOutcome], keep: Keep = results.keep) -> None:
    """Write outcomes to the database.

    Raises:
        TurnLost: the turn is somebody else's now; nothing was stored.
    """
    write_in_turn(held.turn, lambda work: keep(work.session, held.turn.ticket_id, batch))


def describe(outcomes: Sequence[HostOutcome]) -> None:
    """Create the table of hosts in the run in Prefect."""
    try:
        create_table_artifact(
            key="hosts",
            description="The result on each host",
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
        get_run_logger().warning("the Prefect server does not accept the table of hosts: %s", error)
