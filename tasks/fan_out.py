"""One job on every host of a pool, with results in the database as they come."""

import queue

from prefect import get_run_logger
from prefect.artifacts import create_table_artifact

from p2ppool.fleet.cancel import CancelToken
from p2ppool.fleet.fanout import fan_out
from p2ppool.fleet.login import Login
from p2ppool.fleet.outcome import HostOutcome
from p2ppool.fleet.target import Target
from p2ppool.fleet.visit import Job
from p2ppool.pools import results
from p2ppool.pools.limits import fleet_limits
from p2ppool.settings import settings
from p2ppool.store.engine import the_engine
from p2ppool.store.unit_of_work import UnitOfWork
from tasks.progress import Progress
from tasks.watched import watched


def on_every_host(ticket_id: int, targets: list[Target], login: Login, job: Job) -> list[HostOutcome]:
    """Run `job` on all `targets`, storing each outcome within a second; interrupted, it ends them all."""
    cancel = CancelToken()
    finished: queue.SimpleQueue[HostOutcome] = queue.SimpleQueue()
    progress = Progress(ticket_id, len(targets), "hosts")
    outcomes = watched(
        lambda: fan_out(targets, job, login, fleet_limits(settings()), cancel, finished.put),
        lambda: progress.advance(_flush(ticket_id, finished)),
        lambda: cancel.cancel("the run was cancelled"),
    )
    _describe(outcomes)
    return outcomes


def _flush(ticket_id: int, finished: "queue.SimpleQueue[HostOutcome]") -> int:
    """Store what has come in; how many that were."""
    batch = []
    while not finished.empty():
        batch.append(finished.get())
    if batch:
        with UnitOfWork(the_engine()) as work:
            results.keep(work.session, ticket_id, batch)
            work.commit()
    logger = get_run_logger()
    for outcome in batch:
        if outcome.error:
            logger.warning("%s: %s (%s)", outcome.target.name, outcome.message, outcome.step)
    return len(batch)


def _describe(outcomes: list[HostOutcome]) -> None:
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
